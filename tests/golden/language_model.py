"""Writes language_model.json: a tiny Mistral-style model with LoRA in PyTorch, written after the published modelling code.

Python 3 with torch. Weights are numbers any language can make again. Rotary pairs are (i, i + d/2), as in the published code.
"""
import json
import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import numbers, some

torch.set_default_dtype(torch.float64)
VOCAB, WIDTH, LAYERS, HEADS, KV, HIDDEN, THETA, EPS, RANK, ALPHA = 11, 16, 2, 4, 2, 20, 1e4, 1e-5, 3, 6
B, T = 2, 7


def weight(name, *shape):
    scale, shift = (0.2, 1) if "norm" in name else (0.5, 0)
    return torch.tensor(numbers(name, math.prod(shape)).reshape(shape) * scale + shift).requires_grad_()


D = WIDTH // HEADS
shapes = {"model.embed_tokens.weight": (VOCAB, WIDTH), "model.norm.weight": (WIDTH,), "lm_head.weight": (VOCAB, WIDTH)}
for i in range(LAYERS):
    p = f"model.layers.{i}."
    shapes |= {p + "input_layernorm.weight": (WIDTH,), p + "post_attention_layernorm.weight": (WIDTH,),
               p + "mlp.gate_proj.weight": (HIDDEN, WIDTH), p + "mlp.up_proj.weight": (HIDDEN, WIDTH), p + "mlp.down_proj.weight": (WIDTH, HIDDEN)}
    for name, out in [("q", WIDTH), ("k", KV * D), ("v", KV * D), ("o", WIDTH)]:
        q = p + f"self_attn.{name}_proj"
        shapes |= {q + ".weight": (out, WIDTH), f"base_model.model.{q}.lora_A.weight": (RANK, WIDTH), f"base_model.model.{q}.lora_B.weight": (out, RANK)}
W = {name: weight(name, *shape) for name, shape in shapes.items()}


def rms(x, w):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * w


def rotate_half(x):
    return torch.cat([-x[..., D // 2:], x[..., :D // 2]], -1)


def forward(ids, lora):
    x = W["model.embed_tokens.weight"][ids]
    t = x.shape[1]
    inv = 1 / THETA ** (torch.arange(0, D, 2) / D)
    angle = torch.outer(torch.arange(t).double(), inv)
    cos, sin = torch.cat([angle, angle], -1).cos(), torch.cat([angle, angle], -1).sin()
    mask = torch.full((t, t), float("-inf")).triu(1)
    for i in range(LAYERS):
        p = f"model.layers.{i}."

        def proj(name, y):
            base = p + f"self_attn.{name}_proj"
            out = F.linear(y, W[base + ".weight"])
            a, b = W[f"base_model.model.{base}.lora_A.weight"], W[f"base_model.model.{base}.lora_B.weight"]
            return out + (ALPHA / RANK) * F.linear(F.linear(y, a), b) if lora else out

        h = rms(x, W[p + "input_layernorm.weight"])
        q = proj("q", h).view(B, t, HEADS, D).transpose(1, 2)
        k = proj("k", h).view(B, t, KV, D).transpose(1, 2)
        v = proj("v", h).view(B, t, KV, D).transpose(1, 2)
        q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
        k, v = k.repeat_interleave(HEADS // KV, 1), v.repeat_interleave(HEADS // KV, 1)
        a = (q @ k.transpose(-1, -2) / math.sqrt(D) + mask).softmax(-1) @ v
        x = x + proj("o", a.transpose(1, 2).reshape(B, t, WIDTH))
        h = rms(x, W[p + "post_attention_layernorm.weight"])
        x = x + F.linear(F.silu(F.linear(h, W[p + "mlp.gate_proj.weight"])) * F.linear(h, W[p + "mlp.up_proj.weight"]), W[p + "mlp.down_proj.weight"])
    hidden = rms(x, W["model.norm.weight"])
    return hidden, F.linear(hidden, W["lm_head.weight"])


ids = torch.tensor([[1, 4, 7, 2, 9, 10, 3], [1, 8, 8, 5, 6, 0, 0]])
out = {"torch": torch.__version__, "ids": ids.tolist()}
for name, lora in [("base", False), ("lora", True)]:
    hidden, logits = forward(ids, lora)
    out[name] = {"hidden": some(hidden), "logits": some(logits)}
loss = F.cross_entropy(forward(ids, True)[1][:, :-1].reshape(-1, VOCAB), ids[:, 1:].reshape(-1), ignore_index=0)
loss.backward()
out["loss"] = float(loss)
chosen = ["model.embed_tokens.weight", "model.layers.0.self_attn.k_proj.weight", "model.layers.1.mlp.gate_proj.weight", "model.layers.0.input_layernorm.weight",
          "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", "base_model.model.model.layers.1.self_attn.o_proj.lora_B.weight"]
out["gradients"] = {name: some(W[name].grad) for name in chosen}
Path(__file__).with_name("language_model.json").write_text(json.dumps(out, indent=1) + "\n")
