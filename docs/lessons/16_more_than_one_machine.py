# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # More than one machine
#
# A batch can be cut into parts. Give each part to a machine of its own, a *worker*, and let it compute the gradient of its
# part. The weights stay in one place, on a *parameter server*: a machine that hands out weights, takes gradients, and makes
# the updates. What remains is one question of manners. Does the server wait until all gradients are there, or does it take
# each one as it comes? The first is *synchronous* training, and gives the same numbers as one machine. The second is
# *asynchronous* training. Nobody waits, and the gradients are a little out of date.

# %%
from lesson import goes_wrong, picture, print_difference
from rnn_tf1.plotting.page import BLUE, ORANGE, SERIES, make_figure, plain

figure = make_figure(7, 2.9)
axes = figure.add_axes([0, 0, 1, 1])
axes.set_xlim(0, 7)
axes.set_ylim(0, 2.9)
axes.axis("off")


def box(x, y, title, line, color):
    style = dict(boxstyle="round,pad=0.5", facecolor="white", edgecolor=color)
    axes.text(x, y, title + "\n" + line, ha="center", va="center", bbox=style)


def arrow(start, end, color):
    style = dict(arrowstyle="->", color=color, linewidth=1.6)
    axes.annotate("", xy=end, xytext=start, arrowprops=style)


for side in (-1, 1):
    arrow((3.4 + side * 0.55, 1.98), (3.4 + side * 1.55, 0.92), BLUE)
    arrow((3.4 + side * 1.95, 0.92), (3.4 + side * 0.95, 1.98), ORANGE)
axes.text(3.4, 1.2, "weights $w$", color=BLUE, ha="center")
axes.text(1.75, 1.6, "gradient $g_0$", color=ORANGE, ha="right")
axes.text(5.05, 1.6, "gradient $g_1$", color=ORANGE)
box(3.4, 2.4, "parameter server", "weights, slots, step", "black")
box(1.45, 0.5, "worker 0, the chief", "first half of the batch", "black")
box(5.35, 0.5, "worker 1", "second half of the batch", "black")
picture(
    figure,
    "16_cluster",
    "A parameter server above two workers: weights go down to each, gradients come up from each.",
)

# %% [markdown]
# The *chief* is the worker that also writes checkpoints. Large models have several servers, each with some of the variables
# (Dean et al. 2012, "Large Scale Distributed Deep Networks").
#
# ## The equation
#
# $g_k(w)$ is the gradient of the mean loss over part $k$, at the weights $w$. With $n$ workers whose parts are equally
# large, a synchronous update is
#
# $$w_{t+1} = w_t - \eta\, \frac{1}{n} \sum_{k=0}^{n-1} g_k(w_t)$$
#
# A mean of the means of equal parts is the mean over the whole batch. So this is the update that one machine would make. An
# asynchronous one is made by each gradient alone:
#
# $$w_{t+1} = w_t - \eta\, g_k(w_{t-\tau})$$
#
# $\tau$ is how many updates the others made while this worker computed. The gradient is that old; it is called *stale*.
#
# ## From scratch
#
# The network is a plain recurrent one with five units. It reads eight values of a noisy sine wave and forecasts the next.
# `gradients` is back-propagation through time (lesson 7), written out:

# %%
import numpy as np

UNITS, STEPS, BATCH, RATE = 5, 8, 20, 0.1
random = np.random.RandomState(1)
series = np.sin(0.4 * np.arange(400)) + random.normal(0, 0.1, 400)
windows = np.stack([series[i : i + STEPS + 1] for i in range(390)]).astype(np.float32)
inputs, targets = windows[:, :STEPS, None], windows[:, STEPS]
start = [
    random.normal(0, 0.4, [1 + UNITS, UNITS]),  # kernel
    np.zeros(UNITS),  # bias
    random.normal(0, 0.4, [UNITS]),  # from the last state to the forecast
]


def gradients(weights, rows):
    """(mean squared error of these rows, its gradient by each of the weights)"""
    kernel, bias, out = weights
    h, steps = np.zeros([len(rows), UNITS]), []
    for t in range(STEPS):
        joined = np.concatenate([inputs[rows, t], h], axis=1)
        h = np.tanh(joined @ kernel + bias)
        steps.append((joined, h))
    errors = h @ out - targets[rows]
    to_h = 2 / len(rows) * errors[:, None] * out
    found = [np.zeros_like(kernel), np.zeros_like(bias), 2 / len(rows) * errors @ h]
    for joined, h in steps[::-1]:
        to_sum = to_h * (1 - h**2)
        found[0] += joined.T @ to_sum
        found[1] += to_sum.sum(axis=0)
        to_h = to_sum @ kernel[1:].T
    return (errors**2).mean(), found


def update(weights, found, rate=RATE):
    return [weight - rate * gradient for weight, gradient in zip(weights, found)]


def batch(step):
    return np.random.RandomState([2, step]).permutation(len(inputs))[:BATCH]


# %% [markdown]
# **Synchronous.** One machine with whole batches, and two workers with half of each:

# %%
UPDATES = 40
one = two = start
for step in range(UPDATES):
    one = update(one, gradients(one, batch(step))[1])
    halves = [gradients(two, half)[1] for half in np.split(batch(step), 2)]
    two = update(two, [(g0 + g1) / 2 for g0, g1 in zip(*halves)])

for name, ours, theirs in zip(("kernel", "bias", "out"), one, two):
    print_difference(name + " of one machine and of two", ours, theirs, most=1e-12)

# %% [markdown]
# **Asynchronous.** Now time matters, so it has to be simulated. Worker 0 needs 1 second for a gradient, worker 1 needs 1.6.
# Each copies the weights, computes, hands in its gradient, and copies again:


# %%
def asynchronous(seconds, updates):
    """(the weights, [(worker, start, end, how stale)] of each update)"""
    weights, done = start, []
    holds = [(weights, 0, 0.0) for _ in seconds]  # the copy, its version, its time
    for version in range(updates):
        ends = [begun + s for (_, _, begun), s in zip(holds, seconds)]
        worker = int(np.argmin(ends))  # the next one to be ready
        copy, copied, begun = holds[worker]
        half = np.split(batch(version // 2), 2)[version % 2]
        weights = update(weights, gradients(copy, half)[1])
        done.append((worker, begun, ends[worker], version - copied))
        holds[worker] = (weights, version + 1, ends[worker])
    return weights, done


SECONDS = (1.0, 1.6)
weights, done = asynchronous(SECONDS, 2 * UPDATES)
everything = np.arange(len(inputs))
for name, found, time in (
    ("untrained", start, 0),
    ("synchronous", one, UPDATES * max(SECONDS)),
    ("asynchronous", weights, done[-1][2]),
):
    print(
        "%-12s  error %.4f after %4.1f s"
        % (name, gradients(found, everything)[0], time)
    )
print("how stale the last gradients were:", [stale for _, _, _, stale in done[-12:]])

# %% [markdown]
# Both runs saw equally many rows. The asynchronous one made twice as many updates, each from half as many rows, and was
# done earlier, because the faster worker never waited.
#
# ## By the library
#
# Each process of a cluster has to know all addresses, and which of them is its own. TensorFlow programs read that from the
# environment variable `TF_CONFIG`, which cluster managers set. `local_configs` makes the same for a cluster on this machine:

# %%
import json

from rnn_tf1.cluster import addresses, lifecycle, local_cluster, peers, replicas

config = json.loads(list(local_cluster.local_configs(2).values())[1])
config["cluster"] = {
    job: ["HOST:PORT"] * len(found) for job, found in config["cluster"].items()
}
print(json.dumps(config, indent=2))

# %% [markdown]
# (The addresses are blotted out here, since they are others on every run.) A *job* is a kind of work, a *task* is one process
# of it: this one is worker 0. `lifecycle.train` is a worker's whole life. It waits for the others, builds the graph
# with the variables on the parameter server, trains, and writes checkpoints if it is the chief. `build` is a builder like
# any other:

# %%
import tempfile
from concurrent.futures import ThreadPoolExecutor

import tensorflow.compat.v1 as tf

from rnn_tf1 import BasicRNNCell, dynamic_rnn, training


def build(step):
    x = tf.placeholder(tf.float32, [None, STEPS, 1])
    y = tf.placeholder(tf.float32, [None])
    cell = BasicRNNCell(
        UNITS, kernel_initializer=tf.constant_initializer(start[0].astype(np.float32))
    )
    _, state = dynamic_rnn(cell, x, dtype=tf.float32)
    out = tf.get_variable("out", initializer=tf.constant(start[2], tf.float32))
    loss = tf.reduce_mean((tf.tensordot(state, out, 1) - y) ** 2)
    for variable in cell.variables + [out]:
        placed[variable.op.name] = variable.device

    def feed(step, replica):  # this worker's part of the batch of that step
        half = np.split(batch(step), 2)[replica]
        return {x: inputs[half], y: targets[half]}

    def evaluate(session):  # by the chief, after the last step
        return dict(zip(("kernel", "bias", "out"), session.run(cell.variables + [out])))

    return lifecycle.Work(loss, RATE, feed, evaluate)


# %% [markdown]
# On several machines each process calls it once. Here three threads play the parts, with real servers and real connections
# between them:

# %%
placed = {}


def run_cluster(mode, steps):
    configs = local_cluster.local_configs(workers=2)
    tasks = [addresses.parse_tf_config(config) for config in configs.values()]
    servers = [replicas.start_server(task) for task in tasks]
    folder = training.RunFolder(tempfile.mkdtemp(), settings={})
    updates = replicas.Updates(mode, optimizer="sgd")

    def work(task, server):
        if task.job == "ps":
            return lifecycle.serve(task, server)
        return lifecycle.train(task, server, build, steps, folder, updates)

    with ThreadPoolExecutor(len(tasks)) as threads:
        ended = list(threads.map(work, tasks, servers))
    return ended[1]  # the chief's; a parameter server and other workers return None


trained = run_cluster("sync", UPDATES)
for name, ours in zip(("kernel", "bias", "out"), one):
    print_difference(name + " by hand and of the cluster", ours, trained.figures[name])
for name, device in placed.items():
    print("%-26s on %s" % (name, device))

# %% [markdown]
# The numbers of one machine, but for the rounding of 32-bit numbers. The variables are all on the parameter server.
#
# With `mode="async"` the updates depend on which thread is faster, and a second run gives other numbers:

# %%
trained = run_cluster("async", 2 * UPDATES)
taken = np.isfinite(trained.losses)  # [workers, updates]
print("batches that worker 0 and worker 1 took:", taken.sum(axis=1))
weights = [trained.figures[name] for name in ("kernel", "bias", "out")]
print("error after %d updates: %.4f" % (2 * UPDATES, gradients(weights, everything)[0]))

# %% [markdown]
# For real processes, `python examples/cluster.py --local 2` trains the digits of lesson 4 with a parameter server and two
# workers, and `--mode async` without waiting. Without `--local`, it reads `TF_CONFIG`.
#
# A task that was killed can be started again, and the others wait for it. [A table](../cluster.md) says which deaths a run
# survives, what is lost, and how each process ends.
#
# ## Who can connect
#
# TensorFlow's server listens on every address of its machine, asks for no password, and encrypts nothing. Whoever can
# connect to its port can read the weights, but also write any file that its user can write, and so run programs. A task says
# so in one line when it starts. So did the cluster above (one line for all three): it was open while the cell ran.
#
# With `--local`, nobody else can connect (on Linux): all tasks are moved into a *network namespace*, a network of their own
# without a way in. Where the system refuses that, a warning names the open ports. On several machines, choose one of these:
#
# - A private network: machines that no stranger's packets reach. In a cloud, put the workers into one virtual network, and
#   open their ports to this network only.
# - A firewall on each machine. For the ports 2222 to 2224 and the machines 10.0.0.1 to 10.0.0.3, on Linux (the rule that
#   is inserted last is the first to be asked):
#
#   ```
#   sudo ip6tables -I INPUT ! -i lo -p tcp --dport 2222:2224 -j DROP
#   sudo iptables -I INPUT ! -i lo -p tcp --dport 2222:2224 -j DROP
#   sudo iptables -I INPUT -s 10.0.0.1,10.0.0.2,10.0.0.3 -p tcp --dport 2222:2224 -j ACCEPT
#   ```
#
# - SSH tunnels, where the way between the machines is not your own. Give each task another port, and all of them the host
#   127.0.0.1: with `"cluster": {"ps": ["127.0.0.1:2222"], "worker": ["127.0.0.1:2223", "127.0.0.1:2224"]}`, ps 0 and worker 0
#   on one machine and worker 1 on `other`, this runs on the first (`-L` brings a port of `other` here, `-R` one from here
#   there):
#
#   ```
#   ssh -N -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -L 127.0.0.1:2224:127.0.0.1:2224 \
#       -R 127.0.0.1:2222:127.0.0.1:2222 -R 127.0.0.1:2223:127.0.0.1:2223 user@other
#   ```
#
#   The servers still listen on every address: the first two firewall rules above close the ports on both machines.
#
# ## Layers on other machines
#
# A cluster can also share out layers: `DeviceCellWrapper("/job:worker/task:1", cell)` puts a layer on another machine, as
# in lesson 10.
#
# ## What to look at
#
# **Waiting.** The first seconds of both manners. Waiting is grey; the digits say how stale a gradient was:

# %%
figure = make_figure(7.2, 2.6)
axes = figure.add_axes([0.2, 0.2, 0.78, 0.76])
for worker, seconds in enumerate(SECONDS):
    for number in range(6):
        begin = number * max(SECONDS)
        axes.barh(3.2 - worker, seconds, 0.8, begin, color=SERIES[worker], ec="w")
        wait = max(SECONDS) - seconds
        if wait:
            axes.barh(3.2 - worker, wait, 0.8, begin + seconds, color="#cccccc", ec="w")
for worker, begin, end, stale in done:
    if begin < 6 * max(SECONDS) - 0.1:
        axes.barh(1 - worker, end - begin, 0.8, begin, color=SERIES[worker], ec="w")
        place = dict(ha="center", va="center", clip_on=True)
        axes.text((begin + end) / 2, 1 - worker, stale, color="w", **place)
axes.set_yticks([3.2, 2.2, 1, 0])
axes.set_yticklabels(
    ["synchronous\nworker 0", "worker 1", "asynchronous\nworker 0", "worker 1"]
)
axes.set_xlim(0, 6 * max(SECONDS))
axes.set_xlabel("seconds")
for side in ("top", "right"):
    axes.spines[side].set_visible(False)
picture(
    figure,
    "16_waiting",
    "Bars over time: in the synchronous run the faster worker is grey, waiting, for more than a third of the time; in the "
    "asynchronous run both are always busy.",
)

# %% [markdown]
# A synchronous cluster is as fast as its slowest worker. Chen et al. 2016 ("Revisiting Distributed Synchronous SGD") found
# that a few spare workers fix that: take the first $n$ gradients of each step, and throw away the late ones.
#
# **The price of stale gradients.** For a parabola $\frac{1}{2} \lambda w^2$ the gradient is $\lambda w$, and the
# asynchronous update is $w_{t+1} = w_t - \eta \lambda\, w_{t-\tau}$. It stays bounded up to
#
# $$\eta \lambda = 2 \sin \frac{\pi}{4 \tau + 2}$$
#
# which is 2 without delay and 1 if one update comes between. Below, the largest step that a simulation
# found, beside this equation. At the right the recurrent network, at one learning rate, with every gradient $\tau$ updates old:


# %%
def grows(step, delay):
    w = [1.0] * (delay + 1)
    for _ in range(8000):
        w.append(w[-1] - step * w[-1 - delay])
        if abs(w[-1]) > 10:
            return True
    return False


def largest_step(delay):
    low, high = 0.0, 2.5
    while high - low > 0.0005:
        middle = (low + high) / 2
        low, high = (low, middle) if grows(middle, delay) else (middle, high)
    return low


def errors_with_delay(delay, rate, updates=80):
    past, errors = [start] * (delay + 1), []
    for step in range(updates):
        found = gradients(past[-1 - delay], batch(step))[1]
        past.append(update(past[-1], found, rate))
        errors.append(gradients(past[-1], everything)[0])
    return errors


figure = make_figure(7.4, 3.4)
axes = figure.add_axes([0.08, 0.17, 0.38, 0.64])
delays = np.arange(16)
axes.plot(delays, 2 * np.sin(np.pi / (4 * delays + 2)), color="black", label="equation")
largest = [largest_step(delay) for delay in delays]
axes.plot(delays, largest, "o", color=ORANGE, label="simulation")
plain(axes)
axes.set_xticks(range(0, 16, 3))
axes.set_xlabel("delay in updates")
axes.set_ylabel(r"largest stable $\eta \lambda$")
axes.legend(frameon=False)
axes = figure.add_axes([0.58, 0.17, 0.4, 0.64])
for delay, color in zip((0, 1, 3, 7), SERIES):
    axes.semilogy(errors_with_delay(delay, 0.07), color=color, label="delay %d" % delay)
plain(axes)
axes.set_ylim(0.01, 10)
axes.set_xlabel("update")
axes.set_ylabel("mean squared error")
axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncol=2)
picture(
    figure,
    "16_stale",
    "Left: the largest stable step falls from 2 to about 0.1 at a delay of 15, by the equation and by simulation alike. "
    "Right: the error of the recurrent network over the updates; with a delay of 7 it grows without end.",
)
apart = np.abs(np.array(largest) / (2 * np.sin(np.pi / (4 * delays + 2))) - 1).max()
print("equation and simulation are at most %.1f %% apart" % (100 * apart))
assert apart < 0.02

# %% [markdown]
# Equally fast workers are $n - 1$ updates late. So an asynchronous cluster needs a learning rate that falls about as $1/n$,
# and this eats up a good part of what was won by not waiting.
#
# ## What goes wrong
#
# **TF_CONFIG in the notation of Python.** It is JSON, with double quotation marks:

# %%
from rnn_tf1.cluster.addresses import ClusterError

with goes_wrong(ClusterError):
    addresses.parse_tf_config("{'cluster': {'ps': ['10.0.0.1:2222']}}")

# %% [markdown]
# **A task beyond the last.** Tasks are counted from 0 in each job:

# %%
jobs = {"ps": ["10.0.0.1:2222"], "worker": ["10.0.0.2:2222", "10.0.0.3:2222"]}
task = {"type": "worker", "index": 2}
with goes_wrong(ClusterError):
    addresses.parse_tf_config(json.dumps({"cluster": jobs, "task": task}))

# %% [markdown]
# **A machine that does not answer.** TensorFlow's session then waits, by default for ever, and says so in its log only.
# Ask before; each process of the example does. (A connection alone is no answer: the system accepts it for a process that
# is stopped, too. `wait_for` greets the server, and waits for its reply.)

# %%
nobody = "127.0.0.1:%d" % local_cluster.free_ports(1)[0]
with goes_wrong(ClusterError):
    peers.wait_for({"worker 1": nobody}, timeout=1)

# %% [markdown]
# **A device of a cluster in a session that has none.** A `tf.Session()` without a server's address knows this process only:

# %%
with tf.Graph().as_default(), tf.Session() as session:
    with tf.device("/job:worker/task:1"):
        there = tf.add(1.0, 2.0, name="there")
    with goes_wrong(tf.errors.InvalidArgumentError):
        session.run(there)

# %% [markdown]
# The remedy is `tf.Session(server.target)`. **Parts that are not equally large.** Nothing is raised, and the gradient is
# another one. The mean of means is the mean over all rows only where the parts are equal:

# %%
rows = batch(0)
whole = gradients(start, rows)[1][0]
for cut in (BATCH // 2, BATCH // 5):
    first, second = (gradients(start, part)[1][0] for part in np.split(rows, [cut]))
    wrong = np.abs((first + second) / 2 - whole).max() / np.abs(whole).max()
    print("%2d and %2d rows: off by %.0e" % (cut, BATCH - cut, wrong))

# %% [markdown]
# ## Exercises
#
# Try each of them first: its solution is folded away below it.
#
# 1. Fix the last mistake. How must the server weigh the two gradients?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
share = cut / BATCH  # by the rows that each has seen
print_difference(
    "weighed and whole", share * first + (1 - share) * second, whole, most=1e-12
)

# %% [markdown]
# 2. How many megabytes go over the network in each synchronous update of two workers, for a layer of 500 LSTM units that
#    reads 500 numbers? Why does a larger batch help?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
numbers = 4 * ((500 + 500) * 500 + 500)  # of 4 bytes
print("%.1f MB" % (2 * 2 * 4 * numbers / 1e6))  # weights down, gradients up, twice
# It is the same for every batch size: a larger batch is more work for each transfer.

# %% [markdown]
# 3. In the synchronous run, let both workers draw from the same half of every batch: a common mistake, where all workers
#    shuffle with one seed. What is the run equal to?

# %% tags=["hide-cell"] jupyter={"source_hidden": true}
same, small = start, start
for step in range(UPDATES):
    half = np.split(batch(step), 2)[0]
    pair = [gradients(same, half)[1] for _ in range(2)]
    same = update(same, [(g0 + g1) / 2 for g0, g1 in zip(*pair)])
    small = update(small, gradients(small, half)[1])
# One machine with half the batch. The second worker's work was for nothing.
for name, ours, theirs in zip(("kernel", "bias", "out"), same, small):
    print_difference(name, ours, theirs, most=1e-12)
