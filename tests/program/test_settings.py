"""Settings: the same field is the flag, the entry of config.json and the attribute, from the command line and from Python."""

import sys
from typing import List, Optional, Sequence

import pytest

from rnn_tf1.program import cli
from rnn_tf1.program.settings import SettingError, Settings, choice, listed, real, setting, switch, whole


class Some(Settings):
    file: Optional[str] = setting(None, "what is read", flag="file", nargs="?", of_run=False)
    cell: str = choice("lstm", ("lstm", "gru"), "the cell")
    units: int = whole(64, "of each layer", most=100, quick=16)
    sampled: int = whole(0, "drawn words", flag="--sampled-softmax")
    rate: float = real(0.1, "of Adam", most=1)
    keep_prob: Sequence[float] = real((0.5, 1.0), "by layer", most=1, nargs="+")
    lags: List[int] = listed([1, 24], cli.whole(1), "with commas")
    two_ways: bool = switch("both directions")
    runs: int = whole(3, "seeds", of_run=False)
    train: bool = switch("train it", either=True)
    test: Optional[str] = setting(None, "test it", either=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_seeds("runs")
        if self.two_ways:
            self.check_two_directions()


def parsed(monkeypatch, *flags, **more):
    monkeypatch.setattr(sys, "argv", ["some.py", *flags])
    return Some.parse("some", "What it does.", **more)


def test_both_ways_agree(monkeypatch):
    """A flag that goes to another field, or is read as another type than the default has."""
    flags = [
        "x.csv",
        "--cell",
        "gru",
        "--units",
        "7",
        "--sampled-softmax",
        "5",
        "--rate",
        "0.25",
        "--keep-prob",
        "0.5",
        "1",
    ]
    flags += [
        "--lags",
        "1,7",
        "--two-ways",
        "--runs",
        "2",
        "--test",
        "a",
        "--seed",
        "4",
        "--out-dir",
        "here",
        "--units",
        "8",
    ]
    typed = Some(
        seed=4,
        out_dir="here",
        file="x.csv",
        cell="gru",
        units=8,
        sampled=5,
        rate=0.25,
        keep_prob=[0.5, 1.0],
        lags=[1, 7],
        two_ways=True,
        runs=2,
        test="a",
    )
    assert parsed(monkeypatch, *flags) == typed
    assert parsed(monkeypatch) == Some(out_dir="runs/some") and Some().lags == [1, 24]
    assert Some().lags is not Some().lags
    assert parsed(monkeypatch, "d/sales.csv", input_name="file").out_dir == "runs/some-sales"
    assert parsed(monkeypatch, "--quick").units == 16 and parsed(monkeypatch, "--quick", "--units", "3").units == 3
    assert Some(quick=True).units == 16 and Some(quick=True, units=3).units == 3


def test_what_a_run_is_made_of():
    """Folders that make two runs of one; settings that matter when it is over; what no setting says left out."""
    chosen = Some(data_dir="a", out_dir="b", units=3, file="x", seed=2)
    made_of = dict(seed=2, quick=False, cell="lstm", units=3, sampled=0, rate=0.1, keep_prob=(0.5, 1.0), lags=[1, 24])
    made_of.update(two_ways=False, train=False, test=None)
    assert chosen.identity() == made_of
    assert chosen.identity(data="c", units="more") == dict(made_of, data="c", units="more")
    assert chosen.entries() == dict(made_of, file="x", runs=3)


MISTAKES = [
    ("units", "units", 0, "'0' should be a whole number of at least 1 and at most 100"),
    ("units", "units", 101, "'101' should be a whole number of at least 1 and at most 100"),
    ("sampled", "sampled-softmax", -1, "'-1' should be a whole number of at least 1"),
    ("rate", "rate", 1.5, "'1.5' should be a number above 0 and at most 1"),
    ("cell", "cell", "rnn", "invalid choice: 'rnn' (choose from "),
    ("runs", "runs", 2**32 + 1, "4294967297: with seed 0 the last is above 4294967295"),
]


@pytest.mark.parametrize(("name", "flag", "value", "said"), MISTAKES, ids=[one[1] for one in MISTAKES])
def test_mistakes(name, flag, value, said, monkeypatch, capsys):
    """A notebook that is told of a flag; a value that is refused in one place and taken in the other."""
    with pytest.raises(SettingError) as caught:
        Some(**{name: value})
    assert str(caught.value).startswith(name + ": " + said) and caught.value.argument == name
    with pytest.raises(SystemExit) as ended:
        parsed(monkeypatch, "--%s=%s" % (flag, value))
    assert ended.value.code == 2 and "error: argument --%s: %s" % (flag, said) in capsys.readouterr().err


def test_settings_that_do_not_go_together(monkeypatch, capsys):
    """An odd number of units for two directions that comes to light when the graph is built; two of either."""
    with pytest.raises(SettingError, match="^units: 7: half of them read backwards; make them even$"):
        Some(two_ways=True, units=7)
    assert Some(two_ways=True, units=6).units == 6 and Some(units=7).units == 7
    for flags, said in (
        (["--two-ways", "--units", "7"], "argument --units: 7: half of them read backwards"),
        (["--train", "--test", "x"], "argument --test: not allowed with argument --train"),
    ):
        with pytest.raises(SystemExit) as ended:
            parsed(monkeypatch, *flags)
        assert ended.value.code == 2 and said in capsys.readouterr().err
    Some(train=True, test="x")  # it is a matter of the command line


def test_each_of_a_list_is_checked():
    """A bad value behind a good one."""
    for more in (dict(keep_prob=[0.5, 2.0]), dict(lags=[3, 0])):
        with pytest.raises(SettingError):
            Some(**more)
    assert Some(lags=[3]).lags == [3]


def test_help(monkeypatch, capsys):
    """A default that is not told as it would be typed."""
    with pytest.raises(SystemExit):
        parsed(monkeypatch, "--help")
    told = " ".join(capsys.readouterr().out.split())
    for text in (
        "with commas (default: 1,24)",
        "of each layer (default: 64)",
        "{lstm,gru}",
        "[--train | --test TEST]",
        "[file]",
    ):
        assert text in told, told
    assert "None" not in told and "False" not in told
