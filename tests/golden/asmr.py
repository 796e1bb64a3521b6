"""Writes asmr.json: PPO's losses and their gradients in NumPy (float64), masked distributions, advantages; the policy's picture branch in PyTorch.

Written after ASMR-seg spec §3.2 and §4.7. NumPy gradients are central differences of the NumPy losses.
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import numbers

torch.set_default_dtype(torch.float64)


# --- PPO in NumPy
B, A = 8, 6
legal = (numbers("legal", B * A).reshape(B, A) > -0.3).astype(float)
legal[:, 0] = 1
logits = 2 * numbers("logits", B * A).reshape(B, A)
value, old_value = numbers("value", B), numbers("oldValue", B)
advantage, back = numbers("advantage", B), 1.5 * numbers("return", B)
action = np.array([int(np.flatnonzero(legal[i])[i % int(legal[i].sum())]) for i in range(B)])


def log_softmax(z, legal):
    z = np.where(legal > 0, z, -np.inf)
    z = z - z.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


old_log = log_softmax(logits + 0.6 * numbers("drift", B * A).reshape(B, A), legal)[np.arange(B), action]


def losses(logits, value, clip=0.2, ent=0.01, vf=0.5):
    lp = log_softmax(logits, legal)
    log_ratio = lp[np.arange(B), action] - old_log
    ratio = np.exp(log_ratio)
    adv = (advantage - advantage.mean()) / (advantage.std(ddof=1) + 1e-8)
    policy = np.maximum(-adv * ratio, -adv * np.clip(ratio, 1 - clip, 1 + clip)).mean()
    near = old_value + np.clip(value - old_value, -clip, clip)
    v = 0.5 * np.maximum((value - back) ** 2, (near - back) ** 2).mean()
    p = np.exp(lp)
    entropy = -np.where(legal > 0, p * np.where(legal > 0, lp, 0), 0).sum(1).mean()
    return {"total": policy - ent * entropy + vf * v, "policy": policy, "value": v, "entropy": entropy, "kl": (ratio - 1 - log_ratio).mean(), "clipped": (np.abs(ratio - 1) > clip).mean()}


def gradient(f, x, h=1e-6):
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        out[i] = (f(up) - f(down)) / (2 * h)
    return out


ppo = {
    "losses": {k: float(v) for k, v in losses(logits, value).items()},
    "logitGradient": gradient(lambda z: losses(z, value)["total"], logits).flatten().tolist(),
    "valueGradient": gradient(lambda v: losses(logits, v)["total"], value).tolist(),
    "legal": legal.flatten().tolist(), "action": action.tolist(), "oldLogProbability": old_log.tolist(),
}

# --- generalised advantages over 7 steps of 3 environments
T, E, gamma, lam = 7, 3, 0.99, 0.95
r, V = numbers("rewards", T * E).reshape(T, E), numbers("values", T * E).reshape(T, E)
d = (numbers("done", (T + 1) * E).reshape(T + 1, E) > 0.4).astype(float)
nxt = numbers("next", E)
adv = np.zeros((T, E))
last = np.zeros(E)
for t in reversed(range(T)):
    nv, nd = (nxt, d[T]) if t == T - 1 else (V[t + 1], d[t + 1])
    delta = r[t] + gamma * nv * (1 - nd) - V[t]
    last = adv[t] = delta + gamma * lam * (1 - nd) * last
gae = {"done": d.flatten().tolist(), "advantages": adv.flatten().tolist()}

# --- the picture branch of the small policy
N, C, FEATURES, SLOTS, WIDTH = 24, [16, 32, 64, 64], 60, 60, 128


def named(name, *shape):
    scale = 1.5 / math.sqrt(max(1, math.prod(shape[1:]))) if len(shape) > 1 else 0.2
    return torch.tensor(numbers(name, math.prod(shape)).reshape(shape)) * scale


def policy(prefix, outputs, k, remaining):
    img = torch.fft.fftshift(torch.fft.ifft2(torch.fft.ifftshift(k, dim=(-2, -1)), norm="backward"), dim=(-2, -1))
    w = torch.view_as_complex(torch.tensor(numbers(f"{prefix}.conv_kspace.weight", 50).reshape(5, 5, 2)))
    K = torch.fft.fft2(img)
    padded = torch.zeros(N, N, dtype=K.dtype)
    padded[:5, :5] = w
    out = torch.fft.ifft2(K * torch.conj(torch.fft.fft2(padded))).abs()
    x = F.layer_norm(out, (N, N), named(f"{prefix}.layernorm.weight", N, N) + 1, named(f"{prefix}.layernorm.bias", N, N), 1e-5)[:, None]
    for i, (a, b, size) in enumerate(zip([1, *C[:3]], C, [5, 3, 3, 3])):
        x = F.relu(F.conv2d(x, named(f"{prefix}.backbone.{i}.weight", b, a, size, size), named(f"{prefix}.backbone.{i}.bias", b), 2, 2 if size == 5 else 1))
    x = F.adaptive_avg_pool2d(x, 2).permute(0, 2, 3, 1).flatten(1)  # positions first: the port keeps channels last
    x = F.linear(x, named(f"{prefix}.trunk.0.weight", FEATURES, C[3] * 4), named(f"{prefix}.trunk.0.bias", FEATURES))
    x = torch.tanh(F.layer_norm(x, (FEATURES,), named(f"{prefix}.trunk.1.weight", FEATURES) + 1, named(f"{prefix}.trunk.1.bias", FEATURES), 1e-5))
    x = torch.cat([x, F.one_hot(remaining, SLOTS).double()], 1)
    x = F.relu(F.linear(x, named(f"{prefix}.out_layer.0.weight", WIDTH, FEATURES + SLOTS), named(f"{prefix}.out_layer.0.bias", WIDTH)))
    return F.linear(x, named(f"{prefix}.out_layer.2.weight", outputs, WIDTH), named(f"{prefix}.out_layer.2.bias", outputs))


picture = torch.tensor(numbers("picture", 2 * N * N).reshape(2, N, N)) + 1
mask = torch.tensor((numbers("mask", N) > 0).astype(float))
# k-space is orthonormal, the policy's own inverse FFT "backward": its picture is 1/N of what was there
k = torch.fft.fftshift(torch.fft.fft2(torch.fft.ifftshift(picture, dim=(-2, -1)), norm="ortho"), dim=(-2, -1)) * mask
remaining = torch.tensor([5, 5])
branch = {"logits": policy("pi.logits_net", N, k, remaining).flatten().tolist(), "value": policy("v", 1, k, remaining).flatten().tolist(), "mask": mask.tolist()}

out = {"numpy": np.__version__, "torch": torch.__version__, "ppo": ppo, "gae": gae, "policy": branch}
Path(__file__).with_name("asmr.json").write_text(json.dumps(out) + "\n")
