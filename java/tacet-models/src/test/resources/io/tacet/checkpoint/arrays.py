"""Writes the files beside it, as programs that use NumPy do (NumPy 2.4.6, safetensors 0.8.0)."""

import numpy as np

values = np.arange(6).reshape(2, 3)

np.save("float32.npy", (values * 0.5).astype("<f4"))
np.save("fortran.npy", np.asfortranarray((np.arange(24).reshape(2, 3, 4)).astype("<i2")))
np.save("big-endian.npy", (values - 2.5).astype(">f8"))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3), "<i8"))
np.save("objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
np.save("text.npy", np.array(["a", "bc"]))
np.save("structure.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]))
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, values.astype("<u4"), version=version)

types = {
    "f2": np.array([1, -2.5, 65504, 2**-24, -0.0, np.inf, np.nan], "<f2"),
    "f4": np.array([1.5, -3e38], "<f4"),
    "f8": np.array([np.pi, 5e-324], ">f8"),
    "i1": np.array([-128, 127], "i1"),
    "i2": np.array([-32768, 32767], ">i2"),
    "i4": np.array([-(2**31), 2**31 - 1], "<i4"),
    "i8": np.array([-(2**63), 2**63 - 1], "<i8"),
    "u1": np.array([0, 255], "u1"),
    "u2": np.array([0, 65535], "<u2"),
    "u4": np.array([0, 2**32 - 1], ">u4"),
    "u8": np.array([0, 2**64 - 1], "<u8"),
    "b1": np.array([True, False]),
}
np.savez("types.npz", **types)
np.savez_compressed("compressed.npz", x=np.zeros((100, 20), "f4"), y=np.arange(100) % 3)

try:
    from safetensors.numpy import save_file
except ImportError:
    print("reference.safetensors stays as it is: there is no module safetensors")
else:
    tensors = {
        "a": values.astype("f2"),
        "e": np.zeros((0,), "i8"),
        "s": np.full((), 3.5),
        "b": np.array([True, False]),
        "u": np.array([2**64 - 1], "u8"),
    }
    save_file(tensors, "reference.safetensors", metadata={"format": "np"})
