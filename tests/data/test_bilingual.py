"""The sentences of a grammar that stand in for real ones. The oracle is French written by hand."""

import collections
import itertools
import os
import re
from unittest import mock

import numpy as np
import pytest

from rnn_tf1.data.generated import bilingual, english, lexicon
from rnn_tf1.data.text.tokenizer import tokenize
from rnn_tf1.errors import DataError, OutputError
from rnn_tf1.program import files


def content_of(folder):
    return {name: open(os.path.join(str(folder), name), "rb").read() for name in sorted(os.listdir(str(folder)))}


HANDWRITTEN = """
He sleeps today. | Il dort aujourd'hui.
The small girl is happy. | La petite fille est heureuse.
The small boys are happy. | Les petits garçons sont heureux.
The old women are not tired. | Les vieilles femmes ne sont pas fatiguées.
My friend and my sister are very tall. | Mon ami et ma sœur sont très grands.
My mother and the queen are curious. | Ma mère et la reine sont curieuses.
Marie and Anne are sad. | Marie et Anne sont tristes.
I love the white horses. | J'aime les chevaux blancs.
The man loves a beautiful actress. | L'homme aime une belle actrice.
An old man sees an old bird. | Un vieil homme voit un vieil oiseau.
A beautiful tree is behind the new hotel. | Un bel arbre est derrière le nouvel hôtel.
A new friend paints this beautiful tree. | Un nouvel ami peint ce bel arbre.
The hero follows the owl. | Le héros suit le hibou.
The old hero of the village is blind. | Le vieux héros du village est aveugle.
An old hero watches an owl. | Un vieux héros regarde un hibou.
This child eats this apple in this garden. | Cet enfant mange cette pomme dans ce jardin.
This beautiful child hears this bird. | Ce bel enfant entend cet oiseau.
My school is never near my old school. | Mon école n'est jamais près de ma vieille école.
He looks for my new school. | Il cherche ma nouvelle école.
She admires my school. | Elle admire mon école.
His star protects our plates. | Son étoile protège nos assiettes.
I hide his sword and he hides his big sword. | Je cache son épée et il cache sa grosse épée.
We eat some eggs, but they eat some good eggs. | Nous mangeons des œufs, mais ils mangent de bons œufs.
The farmer does not see the bird. | Le fermier ne voit pas l'oiseau.
The farmer does not see a bird. | Le fermier ne voit pas d'oiseau.
The farmers do not buy any small books. | Les fermiers n'achètent pas de petits livres.
I never open a letter. | Je n'ouvre jamais de lettre.
She never opens the letter. | Elle n'ouvre jamais la lettre.
There is an orange in the kitchen. | Il y a une orange dans la cuisine.
There is no orange in the kitchen. | Il n'y a pas d'orange dans la cuisine.
There are no black cats near the church. | Il n'y a pas de chats noirs près de l'église.
There are some bees far from the river. | Il y a des abeilles loin de la rivière.
The dog of the neighbour sleeps in front of the castle. | Le chien du voisin dort devant le château.
The dogs of the neighbours sleep near the markets. | Les chiens des voisins dorment près des marchés.
The key of a friend is heavy. | La clé d'un ami est lourde.
The story of Henri is funny. | L'histoire d'Henri est drôle.
The hats of some friends are ugly. | Les chapeaux d'amis sont laids.
The hats of some old friends are ugly. | Les chapeaux de vieux amis sont laids.
We give the picture to the king. | Nous donnons l'image au roi.
He gives a map to the students. | Il donne une carte aux étudiants.
Paul sends a letter to the aunt of the worker. | Paul envoie une lettre à la tante de l'ouvrier.
She brings the umbrella to the uncle. | Elle apporte le parapluie à l'oncle.
I see him and he sees me. | Je le vois et il me voit.
I love her. | Je l'aime.
They do not love us. | Ils ne nous aiment pas.
He does not listen to me. | Il ne m'écoute pas.
Sophie never waits for them. | Sophie ne les attend jamais.
I want to see her. | Je veux la voir.
He cannot help him. | Il ne peut pas l'aider.
We must not break a plate. | Nous ne devons pas casser d'assiette.
The nurse is going to clean the round table. | L'infirmière va nettoyer la table ronde.
They are not going to eat any oranges. | Ils ne vont pas manger d'oranges.
She does not want to sell the car. | Elle ne veut pas vendre la voiture.
I hope to travel. | J'espère voyager.
The cat that the girl loves is grey. | Le chat que la fille aime est gris.
The cat that loves the girl is grey. | Le chat qui aime la fille est gris.
The books that he does not read are expensive. | Les livres qu'il ne lit pas sont chers.
The cakes that Alice wants to buy are soft. | Les gâteaux qu'Alice veut acheter sont doux.
I know the woman that sings. | Je connais la femme qui chante.
I know that the woman sings. | Je sais que la femme chante.
She thinks in the library. | Elle réfléchit dans la bibliothèque.
I laugh because he thinks that she sleeps. | Je ris parce qu'il pense qu'elle dort.
He smiles if he is not sick. | Il sourit s'il n'est pas malade.
They run if they see a wolf. | Ils courent s'ils voient un loup.
She runs if she sees many ants. | Elle court si elle voit beaucoup de fourmis.
He rarely speaks while an actress sings. | Il parle rarement pendant qu'une actrice chante.
We always travel with several friends. | Nous voyageons toujours avec plusieurs amis.
Every day, the princess throws a shoe in this cave. | Tous les jours, la princesse jette une chaussure dans cette grotte.
Someone steals our newspapers every day. | Quelqu'un vole nos journaux tous les jours.
Every spider is dangerous. | Chaque araignée est dangereuse.
Their grandmothers hesitate. | Leurs grands-mères hésitent.
I hesitate. | J'hésite.
The cats are not grey. | Les chats ne sont pas gris.
These mice are brown, but this mouse is white. | Ces souris sont brunes, mais cette souris est blanche.
He draws three hospitals near many old trees. | Il dessine trois hôpitaux près de beaucoup de vieux arbres.
"""
PAIRS = [line.split(" | ") for line in HANDWRITTEN.strip().splitlines()]


@pytest.mark.parametrize(("sentence", "french"), PAIRS)
def test_french_written_by_hand(sentence, french):
    """Catches a slip in agreement, elision, negation, the order of words, or a form that French has not."""
    assert bilingual.translate(sentence) == french


WRONG = """
The dogs *sleeps. | She *sleep. | I *is tall. | He does not *sleeps. | This *dogs run. | The cat sleeps *the dog.
There are a cat*. | The cat that he sleeps *runs. | The cat that he is *black runs. | The cat is *. | *Le chat dort. | *
He sees * | The *xyz runs. | *If she sleeps, he sings. | These *two dogs run. | The dog * | He sings, *she sings.
Today *he sings. | He is very *in the park.
"""


@pytest.mark.parametrize("sentence", [part.strip() for part in WRONG.replace("\n", "|").strip("|").split("|")])
def test_english_that_is_none_of_the_grammar_is_refused(sentence):
    """Catches French for what was not understood: for wrong English, or for words left unread; and another word named."""
    before, behind = sentence.split("*")
    place = len(before.replace(",", " ,").split()) + 1
    word = behind.replace(",", " ,").rstrip(".").lower().split()[0] if behind.rstrip(" .") else "the end"
    with pytest.raises(DataError, match=rf"nothing that goes on with '{word}' \(word {place}\)\. Pass a sentence of"):
        bilingual.translate(before + behind)


def written(count, seed=0):
    return list(itertools.islice(english.sentences(np.random.RandomState(seed)), count))


def test_sentences_are_rich_and_all_have_a_translation():
    """Catches a grammar that repeats itself, writes what it cannot translate, or one translation for different words."""
    found = written(3000)
    assert found == written(3000) and found[:50] != written(50, seed=1)
    assert written(1, seed=7) == ["Here, my queens of the man give the umbrella."]  # on every NumPy
    french = [bilingual.translate(sentence) for sentence in found]
    lengths = collections.Counter(len(sentence.split()) for sentence in found)
    assert set(lengths) == set(range(3, 21)) and min(lengths.values()) > 20
    assert len(set(found)) > 2900
    for texts, least in ((found, 450), (french, 600)):
        assert len({word for line in texts for word in tokenize(line)}) > least
    assert all(line[0].isupper() and line.endswith(".") and "  " not in line for line in found + french)
    people, animals = (len(lexicon.FORMS[kind]) for kind in ("people", "animals"))
    adjectives = len(lexicon.SUITING["people"][1])
    verbs = len(lexicon.FORMS["transitive"])
    assert 8 * adjectives * people * verbs * 8 * animals * 6 > 10**6  # "The kind man sees my dog near the ...", alone


def test_english_has_its_own_agreement():
    """Catches a before a vowel, small names, and a blank before a comma."""
    text = " ".join(written(6000)).lower()
    articles = collections.defaultdict(set)
    for article, follower in re.findall(r"\b(an?) (\w+)", text):
        articles[article].add(follower)
    assert {"old", "honest", "uncle", "umbrella", "apple", "intelligent"} <= articles["an"]
    assert {"useful", "hero", "hospital"} <= articles["a"] and not articles["a"] & articles["an"]
    assert english._write(["he", "hides", "a", "ugly", "hat"]) == "He hides an ugly hat."
    text = " ".join(written(1000))
    assert " I " in text and " i " not in text and "marie" not in text and " ," not in text and ", but" in text


def test_the_stand_in_is_made_whole_and_known_again(tmp_path):
    """Catches test sentences that occur in training, files that depend on more than the seed, and stale or half ones kept."""
    counts = {"train": 400, "val": 30, "test": 20}
    folder = str(tmp_path / "made")
    assert not bilingual.is_current(folder, counts)
    bilingual.generate(folder, counts)
    made = content_of(folder)
    assert set(made) == {"generated.txt", "train.en", "train.fr", "val.en", "val.fr", "test.en", "test.fr"}
    sides = {name: content.decode().split("\n")[:-1] for name, content in made.items() if name != "generated.txt"}
    sentences = sides["train.en"] + sides["val.en"] + sides["test.en"]
    assert len(set(sentences)) == len(sentences) == 450
    for part, count in counts.items():
        assert list(map(bilingual.translate, sides[part + ".en"])) == sides[part + ".fr"]
        assert len(sides[part + ".en"]) == count
    assert bilingual.is_current(folder, counts)
    for other, seed in ((dict(counts, val=31), 0), (counts, 1)):
        assert not bilingual.is_current(folder, other, seed)
    rare = next(w for w in lexicon.NOUNS["things"] if not any(w in line for line in written(300)))
    with mock.patch.dict(lexicon.NOUNS["things"], {rare: lexicon.NOUNS["things"]["key"]}):
        assert not bilingual.is_current(folder, counts), "another grammar"
    bilingual.generate(folder, counts)
    assert content_of(folder) == made
    os.remove(os.path.join(folder, "val.fr"))
    assert not bilingual.is_current(folder, counts)


def test_no_sentence_comes_twice(tmp_path, monkeypatch):
    """Catches a test sentence that stands in training, where the grammar repeats itself."""
    repeating = [line for line in written(30) for _ in range(3)] + written(40)
    monkeypatch.setattr(bilingual, "sentences", lambda random: iter(repeating * 9))
    bilingual.generate(str(tmp_path), {"train": 25, "test": 10})
    found = content_of(tmp_path)
    assert (found["train.en"] + found["test.en"]).decode().split("\n")[:-1] == list(dict.fromkeys(repeating))[:35]


def test_a_stand_in_that_breaks_off_is_made_anew(tmp_path, monkeypatch):
    """Catches a folder without its last files taken for a whole one, and a bare OSError."""
    counts, folder = {"train": 20, "val": 5}, str(tmp_path)
    genuine, calls = files.sync, []

    def full(path):
        calls.extend([path] * os.path.isfile(path))  # not the folder
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        genuine(path)

    with monkeypatch.context() as patched:
        patched.setattr(files, "sync", full)
        with pytest.raises(OutputError, match="disk is full.*another path"):
            bilingual.generate(folder, counts)
    assert sorted(os.listdir(folder)) == ["train.en", "train.fr"]
    assert not bilingual.is_current(folder, counts)
    bilingual.generate(folder, counts)
    assert bilingual.is_current(folder, counts)
