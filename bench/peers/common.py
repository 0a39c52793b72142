"""What the scripts of this folder share: arguments, timing and the lines that they print.

Each line on standard output is a JSON object, one of

  {"benchmark": "TorchRnn.forward", "params": {...}, "device_us": [...], "wall_us": [...],
   "note": "versions, kernels that took the most time"}
  {"check": "gru", "ok": true, "detail": "largest difference 1e-7"}
  {"missing": "torch: No module named 'torch'"}

device_us is what lies between two CUDA events around a repetition, wall_us the time of a call that
waits for its result. A script that finds no library or no GPU prints one line that says so and
ends with status 0.
"""

import argparse
import itertools
import json
import sys
import time

WARM_UPS = 3
REPETITIONS = 20

# Shapes of PropagationBenchmark, cycling through 32 random steps.
SIZES = [1024, 4096, 16384]
DENSITY = 0.01
DENSE_SIZE = 4096
TURNS = 32


def parse(description):
    """The arguments of every script."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=["quick", "default", "full"], default="default")
    parser.add_argument("--check", help="problems with their results, as the suite writes them")
    parser.add_argument(
        "--only-check", action="store_true", help="check, also on the CPU, and measure nothing"
    )
    return parser.parse_args()


def activities(arguments, n):
    """Parts of n units that have an event in a step; quick has several of the largest layer only."""
    quick = arguments.size == "quick" and n != SIZES[-1]
    return [0.05] if quick else [0.01, 0.05, 0.2]


def in_turn(function, values):
    """A call that takes the next value each time, and all its parts where it is a tuple."""
    cycle = itertools.cycle(values)

    def call():
        value = next(cycle)
        return function(*value) if isinstance(value, tuple) else function(value)

    return call


def say(**line):
    print(json.dumps(line), flush=True)


def missing(why):
    """Says what is not there and ends the script: that is no failure."""
    say(missing=why)
    sys.exit(0)


def find_torch(arguments):
    """torch and the device to use; ends the script where there is none."""
    try:
        import torch
    except ImportError as e:
        missing(f"torch: {e}")
    if torch.cuda.is_available():
        return torch, torch.device("cuda")
    if arguments.only_check:
        return torch, torch.device("cpu")
    missing(f"torch {torch.__version__} finds no GPU")


def read_problems(arguments):
    if not arguments.check:
        return None
    with open(arguments.check, encoding="utf-8") as file:
        return json.load(file)


def report_check(name, found, expected, tolerance):
    """Compares two flat sequences of numbers, relative to the largest that was expected."""
    scale = max(abs(e) for e in expected)
    ok = len(found) == len(expected) and scale > 0
    error = max(abs(f - e) for f, e in zip(found, expected)) / scale if ok else float("nan")
    say(check=name, ok=bool(ok and error <= tolerance), detail=f"largest difference {error:.2g}")


def skip(what, error):
    """A variant that does not run here, in the log."""
    print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)


class Timer:
    """Times of a function on a GPU, given the events of a library."""

    def __init__(self, event, elapsed_ms, synchronize):
        self.event = event
        self.elapsed_ms = elapsed_ms
        self.synchronize = synchronize

    def measure(self, benchmark, params, call, note):
        for _ in range(WARM_UPS):
            call()
        self.synchronize()
        events = [(self.event(), self.event()) for _ in range(REPETITIONS)]
        for first, second in events:
            first.record()
            call()
            second.record()
        self.synchronize()
        device = [1e3 * self.elapsed_ms(first, second) for first, second in events]
        wall = []
        for _ in range(REPETITIONS):
            began = time.perf_counter()
            call()
            self.synchronize()
            wall.append(1e6 * (time.perf_counter() - began))
        say(benchmark=benchmark, params=params, device_us=device, wall_us=wall, note=note)


class TorchTimer(Timer):
    """The same by torch, with what only it can tell."""

    def __init__(self, torch):
        super().__init__(
            lambda: torch.cuda.Event(enable_timing=True),
            lambda first, second: first.elapsed_time(second),
            torch.cuda.synchronize,
        )
        self.torch = torch
        self.notes = {}
        self.versions = f"torch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}"

    def measure_modes(self, benchmark, params, call, modes=("eager", "graph")):
        """Eager, and as a graph where that can be captured; what fails stands in the log."""
        for mode in modes:
            try:
                run = call if mode == "eager" else self.captured(call)
                note = self.note(benchmark, params, run)
                self.measure(benchmark, {**params, "mode": mode}, run, note)
            except Exception as e:  # out of memory, a capture or a compiler that fails
                skip(f"{benchmark} {params} {mode}", e)
                self.synchronize()

    def note(self, benchmark, params, run):
        """Versions and kernels; a graph has those of the same calls without it: collected once."""
        key = benchmark + json.dumps(params, sort_keys=True)
        if key not in self.notes:
            self.notes[key] = self.versions + self.kernels(run)
        return self.notes[key]

    def captured(self, call):
        """The same work as one graph."""
        cuda = self.torch.cuda
        stream = cuda.Stream()
        stream.wait_stream(cuda.current_stream())
        with cuda.stream(stream):
            for _ in range(WARM_UPS):
                call()
        cuda.current_stream().wait_stream(stream)
        graph = cuda.CUDAGraph()
        with cuda.graph(graph):
            call()
        return graph.replay

    def kernels(self, call, longest=3):
        """Names of the kernels that take the most time in a call; empty where none can be had."""
        from torch.profiler import ProfilerActivity, profile

        try:
            with profile(activities=[ProfilerActivity.CUDA]) as profiler:
                call()
                self.torch.cuda.synchronize()
        except RuntimeError as e:  # profiling needs rights that not every machine gives
            skip("profiler", e)
            return ""
        spent = {}
        for event in profiler.events():
            if event.device_type == self.torch.autograd.DeviceType.CUDA:
                micros = event.time_range.elapsed_us()
                spent[event.name] = spent.get(event.name, 0) + micros
        names = sorted(spent, key=spent.get, reverse=True)[:longest]
        return ", kernels " + "; ".join(name[:80] for name in names)
