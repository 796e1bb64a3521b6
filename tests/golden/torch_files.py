"""Golden files of src/io/torch: what torch.save and torch.jit.save write, with the values they hold. Writes torch_files.json beside itself.

    apt-get install python3-torch     # 1.13.0, as requirements.txt says
    /usr/bin/python3 torch_files.py
    python3 torch_files.py torch2_files.json   # with a PyTorch 2: other flags of the ZIP, a record of the byte order, NumPy 2's names
"""
import base64
import collections
import io
import json
import os
import pathlib
import pickle
import sys

import numpy as np
import torch
from torch import nn

torch.manual_seed(7)
DTYPES = ["float32", "float64", "float16", "bfloat16", "uint8", "int8", "int16", "int32", "int64", "bool"]


def every_dtype():
    numbers = torch.tensor([[0, 1, 2], [3, 100, 5]])
    tensors = {name: numbers.to(getattr(torch, name)) for name in DTYPES}
    tensors["float32"] = torch.tensor([[1.5, -0.0, float("inf")], [float("nan"), 1e-40, 3.14159274]])
    tensors["int64"][0, 0] = -(2**63)
    return tensors


def strided():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "window": base[1:3, 2:5],
        "steps": base[::2, 1::3],
        "expanded": base[1, :1].expand(3, 2),
        "channels_last": torch.arange(16, dtype=torch.float16).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "own": torch.ones(2),
    }


def training_checkpoint():
    model = nn.Sequential(nn.Conv2d(1, 2, 2, bias=False), nn.BatchNorm2d(2), nn.Linear(2, 3))
    model[2].weight.data = model[2].weight.data.half()
    return {
        "state_dict": model.state_dict(),
        "parameter": nn.Parameter(torch.tensor([4.0, 5.0])),
        "epoch": 12,
        "big": 2**70,
        "seen": 70000,
        "rate": 0.125,
        "done": True,
        "best": None,
        "name": "müller",
        "size": torch.Size([2, 3]),
        "device": torch.device("cuda:1"),
        "dtype": torch.float16,
        "history": [(1, 0.5), (2, 0.25)],
        "ordered": collections.OrderedDict(a=[torch.tensor([1, 2])], b=(torch.tensor(True), -1)),
        3: {"deep": torch.tensor([9], dtype=torch.uint8)},
    }


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = nn.Sequential(nn.Conv2d(1, 2, 2, bias=False), nn.BatchNorm2d(2))
        self.scale = nn.Parameter(torch.tensor(2.5))
        self.names = ["a", "b"]
        self.register_buffer("steps", torch.arange(12).reshape(3, 4)[:, 1:3])

    def forward(self, x):
        return self.visual(x) * self.scale + torch.tensor([1.0, 2.0]).sum() + self.steps.sum()


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def scripted(traced):
    out = io.BytesIO()
    torch.jit.save(traced, out)
    return out.getvalue()


def tensors_of(value, path=()):
    if isinstance(value, torch.Tensor):
        yield ".".join(path), value.detach()
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from tensors_of(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        for i, item in enumerate(value):
            yield from tensors_of(item, (*path, str(i)))


def number(value):
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)  # JSON has no such number
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 else value


def facts(pairs):
    return {
        name: {"dtype": str(t.dtype).split(".")[1], "shape": list(t.shape), "values": [number(v) for v in t.reshape(-1).tolist()]}
        for name, t in pairs
    }


def case(name, data, pairs):
    return {"name": name, "file": base64.b64encode(data).decode(), "tensors": facts(pairs)}


class Attack:
    def __reduce__(self):
        return os.system, ("echo never",)


cases = []
for title, value in (("every dtype", every_dtype()), ("strided", strided()), ("training checkpoint", training_checkpoint())):
    for protocol in (2, 3, 4, 5):
        if protocol != 2 and title != "training checkpoint":
            continue
        cases.append(case(f"{title}, zip, protocol {protocol}", saved(value, pickle_protocol=protocol), tensors_of(value)))
    cases.append(case(f"{title}, legacy", saved(value, _use_new_zipfile_serialization=False), tensors_of(value)))
beside = {"w": torch.tensor([1.0]), "weights": np.array([0.25, 0.75]), "table": np.arange(6, dtype="int32").reshape(2, 3), "score": np.float32(0.5), "flags": np.array([True, False])}
for form in (True, False):
    cases.append(case(f"arrays of NumPy, {'zip' if form else 'legacy'}", saved(beside, _use_new_zipfile_serialization=form), [("w", beside["w"])]))
single = torch.tensor([[1.0, 2.0]])
cases.append(case("one tensor, zip", saved(single), [("", single)]))
traced = torch.jit.trace(Scripted().eval(), torch.ones(1, 1, 4, 4)).half()  # as OpenAI's CLIP: traced, then made half
cases.append(case("TorchScript", scripted(traced), traced.state_dict().items()))

refused = [
    {"name": "a call of the system, zip", "file": base64.b64encode(saved({"a": Attack()})).decode(), "global": f"{os.system.__module__}.system"},
    {"name": "a call of the system, legacy", "file": base64.b64encode(saved({"a": Attack()}, _use_new_zipfile_serialization=False)).decode(), "global": f"{os.system.__module__}.system"},
    {"name": "a whole module", "file": base64.b64encode(saved(nn.Linear(1, 1))).decode(), "global": "torch.nn.modules.linear.Linear"},
    {"name": "a pickle that is no checkpoint", "file": base64.b64encode(pickle.dumps(Attack(), 2)).decode(), "global": None},
]
for name, array in (("of objects", np.array([{"a": 1}], dtype=object)), ("most significant byte first", np.array([1, 2], dtype=">f4"))):
    refused.append({"name": f"an array of NumPy {name}", "file": base64.b64encode(saved({"a": array})).decode(), "problem": "holds a NumPy array"})
out = {"torch": torch.__version__, "cases": cases, "refused": refused}
pathlib.Path(__file__).with_name(sys.argv[1] if len(sys.argv) > 1 else "torch_files.json").write_text(json.dumps(out, separators=(",", ":"), ensure_ascii=False).replace("},", "},\n") + "\n")
