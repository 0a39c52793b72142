"""The product of a CSR matrix with a step of events by cuSPARSE, through CuPy, on shapes of
PropagationBenchmark. Weights are normal, events come with the activity, in a cycle of 32 steps.
"""

import common

arguments = common.parse(__doc__)
try:
    import cupy
    from cupyx.scipy import sparse

    cupy.cuda.runtime.getDeviceCount()
except ImportError as e:
    common.missing(f"cupy: {e}")
except cupy.cuda.runtime.CUDARuntimeError as e:
    common.missing(f"cupy finds no GPU: {e}")


def check(data):
    """Our results, by what is measured below."""
    n = data["n"]
    by_source = sparse.csr_matrix(
        (
            cupy.asarray(data["weights"], dtype=cupy.float32),
            cupy.asarray(data["indices"], dtype=cupy.int32),
            cupy.asarray(data["offsets"], dtype=cupy.int32),
        ),
        shape=(n, n),
    )
    found = by_source.T.tocsr() @ cupy.asarray(data["active"], dtype=cupy.float32)
    common.report_check("product", found.tolist(), data["currents"], 1e-5)


def main():
    data = common.read_problems(arguments)
    cupy.random.seed(1)
    if data:
        check(data)
    if arguments.only_check:
        return
    timer = common.Timer(
        cupy.cuda.Event, cupy.cuda.get_elapsed_time, cupy.cuda.Device().synchronize
    )
    note = f"cuSPARSE, CuPy {cupy.__version__}"
    for n in common.SIZES:
        matrix = sparse.random(n, n, common.DENSITY, format="csr", dtype=cupy.float32)
        matrix.data = cupy.random.standard_normal(matrix.nnz, dtype=cupy.float32)
        for activity in common.activities(arguments, n):
            steps = [
                (cupy.random.random(n) < activity).astype(cupy.float32)
                for _ in range(common.TURNS)
            ]
            params = {"n": n, "density": common.DENSITY, "batch": 1, "format": "CSR"}
            params.update(activity=activity, mode="eager")
            call = common.in_turn(matrix.__matmul__, steps)
            timer.measure("CupySparse.product", params, call, note)


if __name__ == "__main__":
    main()
