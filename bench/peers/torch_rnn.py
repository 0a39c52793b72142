"""Recurrent layers of torch on shapes of EgruBenchmark: nn.GRU and nn.LSTM, for which cuDNN chooses
the kernels, and event-gated units computed densely, from their equations.

All have as many inputs as units. forward is without what a backward pass would need; trainingPass
is forward and backward with all gradients but that of the inputs.
"""

import common

STEPS = 256
THRESHOLD = 0.3
GAMMA = 0.7

arguments = common.parse(__doc__)
torch, device = common.find_torch(arguments)


class Event(torch.autograd.Function):
    """H(s) with H(0) = 0, and gamma max(0, 1 - |s|) for its derivative."""

    @staticmethod
    def forward(context, s):
        context.save_for_backward(s)
        return (s > 0).to(s.dtype)

    @staticmethod
    def backward(context, error):
        (s,) = context.saved_tensors
        return error * (GAMMA * (1 - s.abs()).clamp(min=0))


def egru_step(current, p, h, theta):
    """A step from x W + b and y R + b, gates in the order z, r, g; h keeps its state where z is 1."""
    units = h.shape[1]
    z = torch.sigmoid(current[:, :units] + p[:, :units])
    r = torch.sigmoid(current[:, units : 2 * units] + p[:, units : 2 * units])
    g = torch.tanh(current[:, 2 * units :] + r * p[:, 2 * units :])
    c = z * h + (1 - z) * g
    o = Event.apply(c - theta)
    return o * c, c - o * theta


def egru(x, w, r, input_bias, recurrent_bias, theta, step=egru_step):
    """Event-gated units over a sequence [steps][batch][inputs], recurrent products dense."""
    steps, batch, inputs = x.shape
    units = r.shape[0]
    currents = torch.addmm(input_bias, x.reshape(steps * batch, inputs), w)
    currents = currents.view(steps, batch, 3 * units)
    y = x.new_zeros(batch, units)
    h = x.new_zeros(batch, units)
    out = []
    for t in range(steps):
        y, h = step(currents[t], torch.addmm(recurrent_bias, y, r), h, theta)
        out.append(y)
    return torch.stack(out)


def torch_gru(problem):
    """nn.GRU with our weights: gates in the order r, z, n, matrices transposed."""
    units = problem["units"]
    layer = torch.nn.GRU(units, units).to(device)

    def gates(matrix):
        z, r, g = matrix.split(units, dim=-1)
        return torch.cat([r, z, g], dim=-1)

    with torch.no_grad():
        layer.weight_ih_l0.copy_(gates(problem["w"]).t())
        layer.weight_hh_l0.copy_(gates(problem["r"]).t())
        layer.bias_ih_l0.copy_(gates(problem["input_bias"]))
        layer.bias_hh_l0.copy_(gates(problem["recurrent_bias"]))
    return layer, gates


def check(data):
    """Our results, by what is measured below."""
    units, batch, steps = data["units"], data["batch"], data["steps"]
    shapes = {
        "w": (units, 3 * units),
        "r": (units, 3 * units),
        "input_bias": (3 * units,),
        "recurrent_bias": (3 * units,),
        "x": (steps, batch, units),
        "errors": (steps, batch, units),
    }
    problem = {
        name: torch.tensor(data[name], device=device).view(shape) for name, shape in shapes.items()
    }
    problem["units"] = units
    weights = ["w", "r", "input_bias", "recurrent_bias"]
    leaves = [problem[name].clone().requires_grad_() for name in weights]
    theta = torch.full((units,), data["threshold"], device=device)
    y = egru(problem["x"], *leaves, theta)
    dw, dr = torch.autograd.grad(y, leaves[:2], problem["errors"])
    for name, found in [("y", y), ("dr", dr), ("dw", dw)]:
        flat = found.detach().flatten().tolist()
        common.report_check(f"egru {name}", flat, data[f"egru_{name}"], 1e-4)

    layer, gates = torch_gru(problem)
    y, _ = layer(problem["x"])
    y.backward(problem["errors"])
    dw, dr = layer.weight_ih_l0.grad, layer.weight_hh_l0.grad
    # Back from r, z, n: the same exchange once more.
    for name, found in [("y", y), ("dr", gates(dr.t())), ("dw", gates(dw.t()))]:
        flat = found.detach().flatten().tolist()
        common.report_check(f"gru {name}", flat, data[f"gru_{name}"], 1e-4)


DTYPES = {
    "fp32": torch.float32,
    "TF32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}


def measure_cudnn(timer, shape, cell, name, modes):
    dtype = DTYPES[name]
    torch.backends.cudnn.allow_tf32 = name == "TF32"
    torch.backends.cuda.matmul.allow_tf32 = name == "TF32"
    units, batch = shape["units"], shape["batch"]
    kind = torch.nn.GRU if cell == "GRU" else torch.nn.LSTM
    layer = kind(units, units).to(device, dtype)
    x = torch.randn(STEPS, batch, units, device=device, dtype=dtype)
    errors = torch.randn(STEPS, batch, units, device=device, dtype=dtype)
    weights = list(layer.parameters())

    def forward():
        with torch.no_grad():
            return layer(x)[0]

    def training():
        return torch.autograd.grad(layer(x)[0], weights, errors)

    run_both(timer, {**shape, "cell": cell, "dtype": name}, forward, training, modes)


def measure_egru(timer, shape, name, compiled):
    torch.backends.cuda.matmul.allow_tf32 = name == "TF32"
    units, batch = shape["units"], shape["batch"]
    # The law of EgruBenchmark.
    x = torch.randn(STEPS, batch, units, device=device)
    errors = torch.randn(STEPS, batch, units, device=device)
    w = (torch.randn(units, 3 * units, device=device) / units**0.5).requires_grad_()
    r = (torch.randn(units, 3 * units, device=device) * (0.5 / units) ** 0.5).requires_grad_()
    biases = [torch.zeros(3 * units, device=device, requires_grad=True) for _ in range(2)]
    theta = torch.full((units,), THRESHOLD, device=device, requires_grad=True)
    weights = [w, r, *biases, theta]
    step = torch.compile(egru_step) if compiled else egru_step

    def forward():
        with torch.no_grad():
            return egru(x, *weights, step=step)

    def training():
        return torch.autograd.grad(egru(x, *weights, step=step), weights, errors)

    cell = "dense EGRU, compiled step" if compiled else "dense EGRU"
    run_both(timer, {**shape, "cell": cell, "dtype": name}, forward, training, ["graph"])


def run_both(timer, params, forward, training, modes):
    timer.measure_modes("TorchRnn.forward", params, forward, modes)
    timer.measure_modes("TorchRnn.trainingPass", params, training, modes)


def main():
    data = common.read_problems(arguments)
    torch.manual_seed(1)
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    if data:
        check(data)
    if arguments.only_check:
        return
    timer = common.TorchTimer(torch)
    quick = arguments.size == "quick"
    shapes = [
        {"units": units, "batch": batch, "steps": STEPS}
        for units in ([512, 2048] if quick else [512, 1024, 2048, 4096])
        for batch in ([1, 64] if quick else [1, 8, 64])
    ]
    # The LSTM for which cuDNN has a persistent kernel, the GRU in our precision, and our own
    # equations come first: whoever ends the script has these.
    first = [("LSTM", "fp16"), ("GRU", "fp32")]
    for shape in shapes:
        for cell, name in first:
            measure_cudnn(timer, shape, cell, name, ["graph"])
        measure_egru(timer, shape, "TF32", compiled=False)
    for shape in shapes:
        for name in ["fp32", "fp16"] if quick else DTYPES:
            for cell in ["GRU", "LSTM"]:
                modes = ["eager"] if (cell, name) in first else ["eager", "graph"]
                measure_cudnn(timer, shape, cell, name, modes)
        if not quick:
            measure_egru(timer, shape, "fp32", compiled=False)
            for name in ["fp32", "TF32"]:
                measure_egru(timer, shape, name, compiled=True)


if __name__ == "__main__":
    main()
