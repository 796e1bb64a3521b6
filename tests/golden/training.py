"""Twenty Adam steps of a small residual network, in float32 and from weights that a formula gives.

Makes training.json for src/engine/cases/pytorch.cases.ts. PyTorch 1.13.0 (Debian python3-torch).
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F


def numbers(shape, seed, scale):
    """The same in TypeScript: scale · sin(seed + 1.7·i) · cos(0.3·i), in double precision, then float32."""
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(seed + 1.7 * i) * math.cos(0.3 * i) for i in range(count)]).reshape(shape)


def weight(shape_hwio, seed):
    fan_in = math.prod(shape_hwio[:-1])
    w = numbers(shape_hwio, seed, math.sqrt(4 / fan_in))
    return torch.nn.Parameter(w.permute(3, 2, 0, 1).contiguous() if len(shape_hwio) == 4 else w)


def vector(size, value):
    return torch.nn.Parameter(torch.full((size,), float(value)))


stem, first, second, shortcut, head = weight((5, 5, 3, 8), 1), weight((3, 3, 8, 16), 2), weight((3, 3, 16, 16), 3), weight((1, 1, 8, 16), 4), weight((16, 4), 5)
norms = [(vector(c, 1), vector(c, 0)) for c in (8, 16, 16, 16)]
x = numbers((8, 16, 16, 3), 6, 1.0).permute(0, 3, 1, 2).contiguous()
y = numbers((8, 4), 7, 1.0)


def norm(z, i):
    return F.batch_norm(z, None, None, norms[i][0], norms[i][1], True, 0.1, 1e-5)


def loss():
    low = F.max_pool2d(F.relu(norm(F.conv2d(x, stem, stride=2, padding=2), 0)), 3, 2, 1)
    inner = norm(F.conv2d(F.relu(norm(F.conv2d(low, first, stride=2, padding=1), 1)), second, padding=1), 2)
    features = F.relu(inner + norm(F.conv2d(low, shortcut, stride=2), 3)).mean((2, 3))
    return F.mse_loss(features @ head, y)


parameters = [stem, first, second, shortcut, head, *[p for pair in norms for p in pair]]
optimizer = torch.optim.Adam(parameters, 1e-3, eps=1e-7)
losses = []
for _ in range(20):
    optimizer.zero_grad()
    value = loss()
    losses.append(value.item())
    value.backward()
    optimizer.step()
result = {"torch": torch.__version__, "losses": losses, "head": head.detach().flatten().tolist(), "stem": stem.detach().permute(2, 3, 1, 0).flatten()[:32].tolist()}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
