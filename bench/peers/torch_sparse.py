"""Sparse propagation by torch on shapes of PropagationBenchmark: the product of a CSR matrix with a
step of events, the weight gradient on its pattern, the rows of active units added by index_add_, and
a dense product. Weights are normal, events come with the activity, in a cycle of 32 steps, so that
the weights are in the same memory as for ours.
"""

import common

arguments = common.parse(__doc__)
torch, device = common.find_torch(arguments)


def random_csr(n):
    """Every pair has a synapse with the probability DENSITY, weights are normal."""
    counts, columns = [], []
    for first in range(0, n, 1024):
        pattern = torch.rand(min(1024, n - first), n, device=device) < common.DENSITY
        counts.append(pattern.sum(dim=1))
        columns.append(pattern.nonzero()[:, 1])
    columns = torch.cat(columns).to(torch.int32)
    offsets = torch.zeros(n + 1, dtype=torch.int32, device=device)
    offsets[1:] = torch.cat(counts).cumsum(0)
    weights = torch.randn(columns.numel(), device=device)
    return torch.sparse_csr_tensor(offsets, columns, weights, (n, n))


def random_steps(n, activity):
    """Columns of zeros and ones."""
    return [(torch.rand(n, 1, device=device) < activity).float() for _ in range(common.TURNS)]


def product(transposed, events):
    """Currents of all targets; row m of the matrix has the weights that m receives."""
    return torch.sparse.mm(transposed, events)


def weight_gradient(pattern, events, adjoint):
    """x adjoint^T on the pattern, whose rows are sources."""
    return torch.sparse.sampled_addmm(pattern, events, adjoint, beta=0.0)


def index_add(currents, targets, weights, active):
    """Adds the rows of active sources, all of the same length, to the currents."""
    return currents.index_add_(0, targets[active].reshape(-1), weights[active].reshape(-1))


def check(data):
    """Our results, by what is measured below."""
    n = data["n"]
    weights = torch.tensor(data["weights"], device=device)
    offsets = torch.tensor(data["offsets"], device=device)
    targets = torch.tensor(data["indices"], device=device)
    by_source = torch.sparse_csr_tensor(offsets, targets, weights, (n, n))
    events = torch.tensor(data["active"], device=device).view(n, 1)
    adjoint = torch.tensor(data["adjoint"], device=device).view(1, n)
    transposed = by_source.to_dense().t().to_sparse_csr()
    found = product(transposed, events)
    common.report_check("product", found.flatten().tolist(), data["currents"], 1e-5)
    found = events.t() @ by_source.to_dense()
    common.report_check("dense", found.flatten().tolist(), data["currents"], 1e-5)
    # Rows of one length: short ones end with weights of 0.
    lengths = (offsets[1:] - offsets[:-1]).tolist()
    longest = max(lengths)
    rows = torch.zeros(n, longest, dtype=torch.int64, device=device)
    row_weights = torch.zeros(n, longest, device=device)
    for source, length in enumerate(lengths):
        first = data["offsets"][source]
        rows[source, :length] = targets[first : first + length]
        row_weights[source, :length] = weights[first : first + length]
    active = events.flatten().nonzero().flatten()
    found = index_add(torch.zeros(n, device=device), rows, row_weights, active)
    common.report_check("index_add_", found.tolist(), data["currents"], 1e-5)
    try:
        found = weight_gradient(by_source, events, adjoint).values()
    except RuntimeError as e:  # a build without MKL has it on GPUs only
        common.skip("sampled_addmm", e)
        return
    common.report_check("sampled_addmm", found.tolist(), data["weight_gradient"], 1e-5)


def measure(timer, n, activities):
    csr = {"n": n, "density": common.DENSITY, "batch": 1, "format": "CSR"}
    by_source = random_csr(n)
    transposed = random_csr(n)  # of the same law
    adjoint = torch.randn(1, n, device=device)
    fan_out = round(common.DENSITY * n)
    targets = torch.randint(n, (n, fan_out), device=device)
    weights = torch.randn(n, fan_out, device=device)
    currents = torch.zeros(n, device=device)
    for activity in activities:
        params = {**csr, "activity": activity}
        steps = random_steps(n, activity)
        call = common.in_turn(lambda x: product(transposed, x), steps)
        timer.measure_modes("TorchSparse.product", params, call)
        call = common.in_turn(lambda x: weight_gradient(by_source, x, adjoint), steps)
        timer.measure_modes("TorchSparse.weightGradient", params, call)
        lists = [x.flatten().nonzero().flatten() for x in steps]
        call = common.in_turn(lambda active: index_add(currents, targets, weights, active), lists)
        params = {**params, "format": "FIXED_FAN_OUT"}
        timer.measure_modes("TorchSparse.indexAdd", params, call)


def measure_dense(timer, activities):
    size = common.DENSE_SIZE
    matrix = torch.randn(size, size, device=device)
    for activity in activities:
        steps = [x.t().contiguous() for x in random_steps(size, activity)]
        params = {"n": size, "batch": 1, "format": "DENSE", "activity": activity}
        timer.measure_modes("TorchSparse.dense", params, common.in_turn(lambda x: x @ matrix, steps))


def main():
    data = common.read_problems(arguments)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    if data:
        check(data)
    if arguments.only_check:
        return
    timer = common.TorchTimer(torch)
    for n in common.SIZES:
        measure(timer, n, common.activities(arguments, n))
    measure_dense(timer, common.activities(arguments, common.DENSE_SIZE))


if __name__ == "__main__":
    main()
