"""Golden files of src/io/npy and src/io/safetensors from NumPy and the reference safetensors package. Writes arrays.json beside itself.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python arrays.py
"""
import base64
import io
import json
import pathlib

import numpy as np
import safetensors


def text(values):
    return [str(value.item()) for value in np.asarray(values).ravel()]


def npy(name, array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return {"name": name, "file": base64.b64encode(out.getvalue()).decode(), "shape": list(array.shape), "values": text(array)}


HALVES = [0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 6.1e-5, 0.1, np.inf, -np.inf]
arrays = []
for kind in "b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8".split():
    for order in "<>":
        dtype = np.dtype(order + kind)
        if kind[0] == "f":
            values = np.array(HALVES, dtype)
        elif kind == "b1":
            values = np.array([0, 1, 1, 0], dtype)
        else:
            info = np.iinfo(dtype)
            values = np.array([info.min, info.max, 0, 1, 2], dtype)
        arrays.append(npy(f"{order}{kind}", values))
grid = np.arange(24, dtype="<i2").reshape(2, 3, 4)
arrays += [
    npy("3-D", grid),
    npy("3-D, Fortran order", np.asfortranarray(grid)),
    npy("3-D, Fortran order, big-endian", np.asfortranarray(grid.astype(">f8"))),
    npy("0-D", np.array(3.5)),
    npy("no elements", np.zeros((3, 0, 2), "<f4")),
    npy("format 2.0", grid, (2, 0)),
    npy("format 3.0", grid, (3, 0)),
]
records = io.BytesIO()
np.save(records, np.zeros(2, [("a", "<f4"), ("b", "<i2")]))
objects = io.BytesIO()
np.save(objects, np.array([{}, []], object), allow_pickle=True)
refused = {"records": records, "objects": objects}
for kind in ("c8", "U3", "S3", "M8[s]"):
    refused[kind] = io.BytesIO()
    np.save(refused[kind], np.zeros(2, kind))

tensors = {
    "weight": {"dtype": "float32", "shape": [2, 3], "data": np.arange(6, dtype="<f4").tobytes()},
    "bias": {"dtype": "float32", "shape": [2], "data": np.array([0.1, -1], "<f4").tobytes()},
    "half": {"dtype": "float16", "shape": [10], "data": np.array(HALVES, "<f2").tobytes()},
    "brain": {"dtype": "bfloat16", "shape": [3], "data": np.array([0x3F80, 0xC020, 0x7F80], "<u2").tobytes()},
    "steps": {"dtype": "int64", "shape": [], "data": np.array(-(2**60), "<i8").tobytes()},
    "mask": {"dtype": "bool", "shape": [3], "data": b"\1\0\1"},
    "empty": {"dtype": "uint8", "shape": [0, 4], "data": b""},
    "double": {"dtype": "float64", "shape": [1], "data": np.array([0.1]).tobytes()},
    "é": {"dtype": "uint32", "shape": [1], "data": np.array([7], "<u4").tobytes()},
}
VALUES = {"brain": ["1.0", "-2.5", "inf"], "half": text(np.array(HALVES, "<f2")), "weight": text(np.arange(6.0)), "bias": text(np.array([0.1, -1], "<f4"))}
VALUES |= {"steps": [str(-(2**60))], "mask": ["1", "0", "1"], "empty": [], "double": ["0.1"], "é": ["7"]}

def spec(tensor):
    # The reference serializer takes addresses; the arrays of `buffers` stay alive until it is done.
    buffers.append(np.frombuffer(tensor["data"] or b"\0", np.uint8))
    return safetensors.TensorSpec(dtype=tensor["dtype"], shape=tensor["shape"], data_ptr=buffers[-1].ctypes.data, data_len=len(tensor["data"]))


buffers = []
out = {
    "numpy": np.__version__,
    "safetensors": safetensors.__version__,
    "arrays": arrays,
    "refused": [{"name": name, "file": base64.b64encode(file.getvalue()).decode()} for name, file in refused.items()],
    "tensors": {
        "file": base64.b64encode(bytes(safetensors.serialize({name: spec(t) for name, t in tensors.items()}, {"step": "12"}))).decode(),
        "expected": {name: {"dtype": t["dtype"], "shape": t["shape"], "values": VALUES[name]} for name, t in tensors.items()},
    },
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=0) + "\n")
