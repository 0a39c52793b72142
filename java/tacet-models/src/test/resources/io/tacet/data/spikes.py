"""Writes spikes.h5 in the layout of SHD and SSC (h5py 3.16.0), and the files of its damaged kin."""

import h5py
import numpy as np

TIMES = [[0.25, 0.5, 0.125], [], [1.0]]
UNITS = [[3, 699, 0], [], [5]]


def write(name, times, units, labels, time_type="float16"):
    with h5py.File(name, "w") as file:
        spikes = file.create_group("spikes")
        data = spikes.create_dataset("times", (len(times),), h5py.vlen_dtype(np.dtype(time_type)))
        for i, t in enumerate(times):
            data[i] = np.array(t, time_type)
        data = spikes.create_dataset("units", (len(units),), h5py.vlen_dtype(np.dtype("uint16")))
        for i, u in enumerate(units):
            data[i] = np.array(u, "uint16")
        if labels is not None:
            file.create_dataset("labels", data=np.array(labels, "uint8"))


write("spikes.h5", TIMES, UNITS, [2, 0, 7])
write("spikes-float64.h5", TIMES, UNITS, [2, 0, 7], "float64")
write("spikes-unequal.h5", TIMES, [[3, 699], [], [5]], [2, 0, 7])
write("spikes-unlabelled.h5", TIMES, UNITS, None)
