"""A Triton kernel that adds up the rows of active units of a dense matrix, on the shape of
PropagationBenchmark with dense synapses: what one would write in an afternoon against our kernel.
"""

import common

COLUMNS = 128
ROWS = 16
PARTS = 8

arguments = common.parse(__doc__)
torch, device = common.find_torch(arguments)
try:
    import triton
    import triton.language as tl
except ImportError as e:
    common.missing(f"triton: {e}")


@triton.jit
def rows_kernel(weights, units, count, currents, n, columns_of: tl.constexpr, rows_of: tl.constexpr):
    """A program adds a share of the active rows, some columns of them, to the currents."""
    columns = tl.program_id(0) * columns_of + tl.arange(0, columns_of)
    sums = tl.zeros((columns_of,), dtype=tl.float32)
    events = tl.load(count)
    for first in range(tl.program_id(1) * rows_of, events, tl.num_programs(1) * rows_of):
        at = first + tl.arange(0, rows_of)
        unit = tl.load(units + at, mask=at < events, other=0).to(tl.int64)
        inside = (at < events)[:, None] & (columns < n)[None, :]
        rows = tl.load(weights + unit[:, None] * n + columns[None, :], mask=inside, other=0.0)
        sums += tl.sum(rows, axis=0)
    tl.atomic_add(currents + columns, sums, mask=columns < n)


def add_rows(weights, units, count, currents):
    n = weights.shape[1]
    grid = (triton.cdiv(n, COLUMNS), PARTS)
    rows_kernel[grid](weights, units, count, currents, n, columns_of=COLUMNS, rows_of=ROWS)


def compact(step):
    """Ascending units with an event and their number, both on the device."""
    units = step.nonzero().flatten().to(torch.int32)
    return units, torch.tensor([units.numel()], dtype=torch.int32, device=device)


def check(data):
    n = data["n"]
    dense = torch.sparse_csr_tensor(
        torch.tensor(data["offsets"], device=device),
        torch.tensor(data["indices"], device=device),
        torch.tensor(data["weights"], device=device),
        (n, n),
    ).to_dense()
    currents = torch.zeros(n, device=device)
    add_rows(dense, *compact(torch.tensor(data["active"], device=device)), currents)
    common.report_check("rows", currents.tolist(), data["currents"], 1e-5)


def main():
    if device.type != "cuda":
        common.missing("Triton needs a GPU")
    data = common.read_problems(arguments)
    torch.manual_seed(1)
    if data:
        check(data)
    if arguments.only_check:
        return
    timer = common.TorchTimer(torch)
    n = common.DENSE_SIZE
    weights = torch.randn(n, n, device=device)
    currents = torch.zeros(n, device=device)
    for activity in common.activities(arguments, n):
        steps = [compact(torch.rand(n, device=device) < activity) for _ in range(common.TURNS)]
        call = common.in_turn(
            lambda units, count: add_rows(weights, units, count, currents), steps
        )
        params = {"n": n, "batch": 1, "format": "DENSE", "activity": activity}
        timer.measure_modes("TritonRows.product", params, call)


if __name__ == "__main__":
    main()
