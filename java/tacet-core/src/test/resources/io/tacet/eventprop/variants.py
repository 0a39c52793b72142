#!/usr/bin/env python3
"""Gold cases of closed-form neurons in 40 digits, computed apart from the library: mpmath, 70 digits.

Two neurons with one input at 2, 9 and 20 ms over the weights [10, 7], and the recurrent synapses
0 <- 1 (-3, delay 1.5 ms) and 1 <- 0 (5, delay 1 ms), for 60 ms; the loss is the sum of all spike
times. Potentials are sums of exponentials, and of t times exponentials with alpha synapses, by the textbook formula, crossings are found on a grid of
50 us in doubles and refined by bisection and Newton's method in full precision, and derivatives are differences
of whole simulations with a step of 1e-25. Writes variants.txt: case, quantity, value.

Usage: python3 variants.py [CASE ...] > variants.txt
"""
import math
import sys

from mpmath import mp, mpf, exp as mpexp

mp.dps = 70
DURATION = mpf(60)
STEP = mpf(10) ** -25
COARSE = 0.05

PARAMETERS = {
    "tauMem": "20", "tauSyn": "5", "threshold": "1", "bias": "0.125", "reset": "-0.25",
    "refractory": "2.5", "tauInhibitory": "9", "tauThreshold": "30", "thresholdJump": "0.375",
    "tauAdaptation": "40", "adaptationJump": "0.5",
}
BASIC = ["tauMem", "tauSyn", "threshold", "bias"]
CASES = {
    "lif": [],
    "refractory": ["refractory"],
    "non-leaky": ["non-leaky"],
    "soft-reset": ["soft-reset"],
    "adaptive-threshold": ["adaptive-threshold"],
    "adaptation-current": ["adaptation-current"],
    "inhibitory-synapse": ["inhibitory-synapse"],
    "all": ["soft-reset", "refractory", "adaptive-threshold", "adaptation-current",
            "inhibitory-synapse"],
    "alpha-synapse": ["alpha-synapse"],
    "all-alpha": ["soft-reset", "refractory", "adaptive-threshold", "adaptation-current",
                  "inhibitory-synapse", "alpha-synapse"],
}


def names(features):
    """Parameters of a neuron, in the library's order."""
    return (BASIC + ([] if "soft-reset" in features else ["reset"])
            + (["refractory"] if "refractory" in features else [])
            + (["tauInhibitory"] if "inhibitory-synapse" in features else [])
            + (["tauThreshold", "thresholdJump"] if "adaptive-threshold" in features else [])
            + (["tauAdaptation", "adaptationJump"] if "adaptation-current" in features else []))


def exp(x):
    return math.exp(x) if isinstance(x, float) else mpexp(x)


class Neuron:
    """State since the last event: V, decaying variables with their couplings, and whether held."""

    def __init__(self, p, features):
        self.p, self.f = p, features
        self.rate = mpf(0) if "non-leaky" in features else 1 / p["tauMem"]
        self.v, self.t, self.free = mpf(0), mpf(0), mpf(0)
        self.i = self.j = self.a = self.w = mpf(0)
        # What I and J rise towards, with alpha synapses.
        self.si = self.sj = mpf(0)

    def drive(self, tau, value, d):
        """Contribution to V after d of a current that decays with tau."""
        s = 1 / tau
        if value == 0:
            return value
        return value / self.p["tauMem"] * (exp(-s * d) - exp(-self.rate * d)) / (self.rate - s)

    def onset(self, tau, value, d):
        """Contribution to V after d of what a current rises towards: value (s/tau) e^(-s/tau) at s."""
        if value == 0:
            return value
        x = (1 / tau - self.rate) * d
        factor = exp(-self.rate * d) * (1 - exp(-x) * (1 + x))
        return value / (self.p["tauMem"] * tau) * factor / (1 / tau - self.rate) ** 2

    def potential(self, d):
        p = self.p
        v = self.v * exp(-self.rate * d) + self.drive(p["tauSyn"], self.i, d)
        v += self.onset(p["tauSyn"], self.si, d)
        if "inhibitory-synapse" in self.f:
            v += self.drive(p["tauInhibitory"], self.j, d)
            v += self.onset(p["tauInhibitory"], self.sj, d)
        if "adaptation-current" in self.f:
            v -= self.drive(p["tauAdaptation"], self.w, d)
        constant = p["bias"] * d / p["tauMem"] if self.rate == 0 else p["bias"] * (1 - exp(-self.rate * d))
        return v + constant

    def threshold(self, d):
        a = self.a * exp(-d / self.p["tauThreshold"]) if "adaptive-threshold" in self.f else 0
        return self.p["threshold"] + a

    def distance(self, d):
        return self.potential(d) - self.threshold(d)

    def decay(self, d):
        p = self.p
        self.i = (self.i + self.si * d / p["tauSyn"]) * exp(-d / p["tauSyn"])
        self.j = (self.j + self.sj * d / p["tauInhibitory"]) * exp(-d / p["tauInhibitory"])
        self.si *= exp(-d / p["tauSyn"])
        self.sj *= exp(-d / p["tauInhibitory"])
        self.a *= exp(-d / p["tauThreshold"])
        self.w *= exp(-d / p["tauAdaptation"])

    def move(self, t):
        """To a time without a spike before it; V is held until self.free."""
        if self.t < self.free:
            until = min(t, self.free)
            self.decay(until - self.t)
            self.t = until
        if t > self.t:
            d = t - self.t
            self.v = self.potential(d)
            self.decay(d)
            self.t = t

    def coarse(self):
        """The same in doubles."""
        copy = Neuron.__new__(Neuron)
        copy.__dict__.update(
            {k: float(x) if isinstance(x, mpf) else x for k, x in self.__dict__.items()})
        copy.p = {k: float(x) for k, x in self.p.items()}
        return copy

    def crossing(self, to):
        """First spike before a time, from the state at self.t >= self.free; None without one."""
        d, end = 0.0, float(to - self.t)
        coarse = self.coarse()
        while d < end:
            e = min(d + COARSE, end)
            if coarse.distance(e) >= 0:
                low, high = mpf(d), mpf(e)
                for _ in range(30):
                    m = (low + high) / 2
                    low, high = (low, m) if self.distance(m) >= 0 else (m, high)
                x = (low + high) / 2
                for _ in range(5):
                    h = mpf(10) ** -30
                    x -= self.distance(x) * 2 * h / (self.distance(x + h) - self.distance(x - h))
                return self.t + x
            d = e
        return None

    def spike(self, t):
        self.move(t)
        self.v = self.v - self.p["threshold"] if "soft-reset" in self.f else self.p["reset"]
        if "adaptive-threshold" in self.f:
            self.a += self.p["thresholdJump"]
        if "adaptation-current" in self.f:
            self.w += self.p["adaptationJump"]
        if "refractory" in self.f:
            self.free = t + self.p["refractory"]

    def receive(self, t, weight):
        self.move(t)
        current = "j" if weight < 0 and "inhibitory-synapse" in self.f else "i"
        if "alpha-synapse" in self.f:
            current = "s" + current
        setattr(self, current, getattr(self, current) + weight)


def simulate(q, features):
    """Spikes (time, neuron) of the pair with quantities q."""
    cells = [Neuron({k: q[k, n] for k in PARAMETERS}, features) for n in (0, 1)]
    queues = [[(q["time", e], q["input", n]) for e in range(3)] for n in (0, 1)]
    spikes = []
    while True:
        best = None
        for n in (0, 1):
            queue = sorted(queues[n], key=lambda a: a[0])
            arrival = queue[0][0] if queue else DURATION
            cell = cells[n]
            begin = max(cell.t, cell.free)
            candidate = None
            if begin < arrival:
                held = Neuron.__new__(Neuron)
                held.__dict__.update(cell.__dict__)
                held.move(begin)
                candidate = held.crossing(min(arrival, DURATION))
            event = (candidate, n, "spike") if candidate is not None else (arrival, n, "arrival")
            if event[2] == "arrival" and (not queue or arrival > DURATION):
                continue
            if best is None or event[0] < best[0]:
                best = event
        if best is None:
            return spikes
        t, n, kind = best
        if kind == "spike":
            cells[n].spike(t)
            spikes.append((t, n))
            other = 1 - n
            queues[other].append((t + q["delay", n], q["recurrent", n]))
        else:
            queues[n].sort(key=lambda a: a[0])
            _, weight = queues[n].pop(0)
            cells[n].receive(t, weight)


def quantities():
    q = {(k, n): mpf(v) for k, v in PARAMETERS.items() for n in (0, 1)}
    q["input", 0], q["input", 1] = mpf(10), mpf(7)
    # By source: 0 reaches 1, 1 reaches 0.
    q["recurrent", 0], q["recurrent", 1] = mpf(5), mpf(-3)
    q["delay", 0], q["delay", 1] = mpf(1), mpf("1.5")
    q["time", 0], q["time", 1], q["time", 2] = mpf(2), mpf(9), mpf(20)
    return q


def loss(q, features, count):
    spikes = simulate(q, features)
    assert len(spikes) == count
    return sum(t for t, _ in spikes)


def main():
    for case in sys.argv[1:] or CASES:
        features = CASES[case]
        q = quantities()
        spikes = simulate(q, features)
        for k, (t, n) in enumerate(spikes):
            print(case, f"spike{k}:{n}", mp.nstr(t, 40))
        wanted = [(k, i) for k in ("input", "recurrent", "delay") for i in (0, 1)]
        wanted += [("time", e) for e in range(3)]
        wanted += [(k, n) for k in names(features) for n in (0, 1)]
        for key in wanted:
            was = q[key]
            q[key] = was + STEP
            above = loss(q, features, len(spikes))
            q[key] = was - STEP
            below = loss(q, features, len(spikes))
            q[key] = was
            print(case, f"{key[0]}:{key[1]}", mp.nstr((above - below) / (2 * STEP), 40))


main()
