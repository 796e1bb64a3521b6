"""LLaVA-Med 1.5 under Hugging Face's names: CLIP's tower, a projector, Mistral; and PEFT's adapters. PRS-Med spec §3.1."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import Named


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        split = lambda y: y.view(*y.shape[:2], self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        mixed = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1) @ v
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class VisionLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.self_attn, self.layer_norm1, self.layer_norm2, self.mlp = SelfAttention(width, heads), nn.LayerNorm(width), nn.LayerNorm(width), Named()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        hidden = self.mlp.fc1(self.layer_norm2(x))
        return x + self.mlp.fc2(hidden * torch.sigmoid(1.702 * hidden))


class VisionModel(nn.Module):
    def __init__(self, z):
        super().__init__()
        e = self.embeddings = Named()
        e.class_embedding, e.patch_embedding = nn.Parameter(torch.zeros(z.width)), nn.Conv2d(3, z.width, z.patch, z.patch, bias=False)
        e.position_embedding = nn.Embedding((z.size // z.patch) ** 2 + 1, z.width)
        self.pre_layrnorm, self.encoder, self.post_layernorm = nn.LayerNorm(z.width), Named(), nn.LayerNorm(z.width)
        self.encoder.layers = nn.ModuleList(VisionLayer(z.width, z.heads) for _ in range(z.blocks))

    def forward(self, x):
        """What LLaVA reads: all layers but the last, without the class token."""
        e = self.embeddings
        x = e.patch_embedding(x).flatten(2).transpose(1, 2)
        x = torch.cat([e.class_embedding.expand(len(x), 1, -1), x], 1) + e.position_embedding.weight
        x = self.pre_layrnorm(x)
        for layer in self.encoder.layers[:-1]:
            x = layer(x)
        return x[:, 1:]


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Projection(nn.Linear):
    """A linear layer with what PEFT puts beside it."""

    def __init__(self, inputs, outputs, rank):
        super().__init__(inputs, outputs, bias=False)
        self.lora_A, self.lora_B, self.scale = nn.Linear(inputs, rank, bias=False), nn.Linear(rank, outputs, bias=False), 0

    def forward(self, x):
        y = super().forward(x)
        return y + self.scale * self.lora_B(self.lora_A(x)) if self.scale else y


class Layer(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.z, d = z, z.lm_width // z.lm_heads
        a = self.self_attn = Named()
        a.q_proj, a.k_proj, a.v_proj, a.o_proj = (Projection(z.lm_width, n * d, z.rank) for n in (z.lm_heads, z.kv, z.kv, z.lm_heads))
        m = self.mlp = Named()
        m.gate_proj, m.up_proj, m.down_proj = nn.Linear(z.lm_width, z.hidden, bias=False), nn.Linear(z.lm_width, z.hidden, bias=False), nn.Linear(z.hidden, z.lm_width, bias=False)
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(z.lm_width), RmsNorm(z.lm_width)

    def forward(self, x):
        a, m, z, (b, t, _) = self.self_attn, self.mlp, self.z, x.shape
        d = z.lm_width // z.lm_heads
        y = self.input_layernorm(x)
        q, k, v = (p(y).view(b, t, -1, d).transpose(1, 2) for p in (a.q_proj, a.k_proj, a.v_proj))
        q, k = turned(q, z.theta), turned(k, z.theta)
        k, v = k.repeat_interleave(z.lm_heads // z.kv, 1), v.repeat_interleave(z.lm_heads // z.kv, 1)
        causal = torch.full((t, t), float("-inf"), dtype=x.dtype).triu(1)
        mixed = (q @ k.transpose(-1, -2) / math.sqrt(d) + causal).softmax(-1) @ v
        x = x + a.o_proj(mixed.transpose(1, 2).reshape(b, t, -1))
        y = self.post_attention_layernorm(x)
        return x + m.down_proj(F.silu(m.gate_proj(y)) * m.up_proj(y))


def turned(x, theta):
    """Rotary positions: places i and i + d/2 are a pair."""
    t, d = x.shape[-2:]
    angle = torch.outer(torch.arange(t, dtype=x.dtype), 1 / theta ** (torch.arange(0, d, 2, dtype=x.dtype) / d)).repeat(1, 2)
    half = torch.cat([-x[..., d // 2 :], x[..., : d // 2]], -1)
    return x * angle.cos() + half * angle.sin()


class Llava(nn.Module):
    def __init__(self, z):
        super().__init__()
        m = self.model = Named()
        m.embed_tokens, m.layers, m.norm = nn.Embedding(z.vocabulary, z.lm_width), nn.ModuleList(Layer(z) for _ in range(z.lm_layers)), RmsNorm(z.lm_width)
        m.mm_projector = nn.Sequential(nn.Linear(z.width, z.lm_width), nn.GELU(), nn.Linear(z.lm_width, z.lm_width))
        m.vision_tower = Named()
        m.vision_tower.vision_tower = Named()
        m.vision_tower.vision_tower.vision_model = VisionModel(z)
        self.lm_head = nn.Linear(z.lm_width, z.vocabulary, bias=False)

    def forward(self, pixels, ids, scale):
        """Hidden states after the last norm and logits of <s>, the picture, the text."""
        for layer in self.model.layers:
            for p in layer.self_attn.children():
                p.scale = scale
        m = self.model
        picture = m.mm_projector(m.vision_tower.vision_tower.vision_model(pixels))
        words = m.embed_tokens(ids)
        x = torch.cat([words[:, :1], picture, words[:, 1:]], 1)
        for layer in m.layers:
            x = layer(x)
        hidden = m.norm(x)
        return hidden, self.lm_head(hidden)
