"""Writes sam.json: a tiny Segment Anything model in PyTorch with weights any language can rebuild; outputs and gradients.

Written after the published modules (image encoder, prompt encoder, two-way decoder) in AESPA's form: AESPA spec §3.1–3.3.
"""
import json
import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from networks.sam import Mlp
from torch_tools import LayerNorm2d, numbers, some, tensor

torch.set_default_dtype(torch.float64)
S, PATCH, WIDTH, BLOCKS, HEADS, GLOBAL, WINDOW, STORED, C, DHEADS, DMLP = 24, 4, 8, 2, 2, [1], 4, 5, 16, 2, 12
G, B = S // PATCH, 2


class EncoderAttention(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        d = WIDTH // HEADS
        self.rel_pos_h, self.rel_pos_w = nn.Parameter(torch.zeros(2 * n - 1, d)), nn.Parameter(torch.zeros(2 * n - 1, d))

    def forward(self, x):
        b, h, w, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, h * w, 3, HEADS, -1).permute(2, 0, 3, 1, 4).reshape(3, b * HEADS, h * w, -1).unbind(0)
        attn = (q * (WIDTH // HEADS) ** -0.5) @ k.transpose(-2, -1)
        at = torch.arange(h)
        rh = self.rel_pos_h[at[:, None] - at[None, :] + h - 1]
        rw = self.rel_pos_w[at[:, None] - at[None, :] + w - 1]
        rq = q.reshape(b * HEADS, h, w, -1)
        rel_h, rel_w = torch.einsum("bhwc,hkc->bhwk", rq, rh), torch.einsum("bhwc,wkc->bhwk", rq, rw)
        attn = (attn.view(b * HEADS, h, w, h, w) + rel_h[..., None] + rel_w[..., None, :]).view(b * HEADS, h * w, h * w)
        x = (attn.softmax(-1) @ v).view(b, HEADS, h, w, -1).permute(0, 2, 3, 1, 4).reshape(b, h, w, -1)
        return self.proj(x)


class MlpBlock(nn.Module):
    def __init__(self, width, hidden, act):
        super().__init__()
        self.lin1, self.lin2, self.act = nn.Linear(width, hidden), nn.Linear(hidden, width), act

    def forward(self, x):
        return self.lin2(self.act(self.lin1(x)))


class EncoderBlock(nn.Module):
    def __init__(self, window):
        super().__init__()
        self.window = window
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6), nn.LayerNorm(WIDTH, eps=1e-6)
        self.attn, self.mlp = EncoderAttention(window or G), MlpBlock(WIDTH, 4 * WIDTH, nn.GELU())

    def forward(self, x):
        y = self.norm1(x)
        if self.window:
            b, h, w, c = y.shape
            n = self.window
            ph, pw = (-h) % n, (-w) % n
            y = F.pad(y, (0, 0, 0, pw, 0, ph))
            hp, wp = h + ph, w + pw
            y = y.view(b, hp // n, n, wp // n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, n, n, c)
            y = self.attn(y)
            y = y.view(b, hp // n, wp // n, n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(b, hp, wp, c)[:, :h, :w]
        else:
            y = self.attn(y)
        x = x + y
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(STORED, STORED, WIDTH))
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.blocks = nn.ModuleList(EncoderBlock(0 if i in GLOBAL else WINDOW) for i in range(BLOCKS))
        self.neck = nn.Sequential(nn.Conv2d(WIDTH, C, 1, bias=False), LayerNorm2d(C), nn.Conv2d(C, C, 3, padding=1, bias=False), LayerNorm2d(C))

    def forward(self, x):
        x = self.patch_embed.proj(x).permute(0, 2, 3, 1)
        pos = F.interpolate(self.pos_embed[None].permute(0, 3, 1, 2), (G, G), mode="bicubic", align_corners=False)
        x = x + pos.permute(0, 2, 3, 1)
        for block in self.blocks:
            x = block(x)
        return self.neck(x.permute(0, 3, 1, 2))


class Embed(nn.Module):
    def __init__(self, rows=1):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(rows, C))


class Prompt(nn.Module):
    def __init__(self):
        super().__init__()
        self.pe_layer = nn.Module()
        self.pe_layer.positional_encoding_gaussian_matrix = nn.Parameter(torch.zeros(2, C // 2))
        self.point_embeddings = nn.ModuleList(Embed() for _ in range(4))
        self.not_a_point_embed, self.no_mask_embed = Embed(), Embed()
        self.mask_downscaling = nn.Sequential(nn.Conv2d(1, 4, 2, 2), LayerNorm2d(4), nn.GELU(), nn.Conv2d(4, 16, 2, 2), LayerNorm2d(16), nn.GELU(), nn.Conv2d(16, C, 1))

    def pe(self, c):
        v = 2 * math.pi * ((2 * c - 1) @ self.pe_layer.positional_encoding_gaussian_matrix)
        return torch.cat([v.sin(), v.cos()], -1)

    def dense(self):
        at = (torch.arange(G) + 0.5) / G
        y, x = torch.meshgrid(at, at, indexing="ij")
        return self.pe(torch.stack([x, y], -1)).permute(2, 0, 1)[None]

    def forward(self, points, labels, mask):
        points = torch.cat([points + 0.5, torch.zeros(B, 1, 2)], 1)
        labels = torch.cat([labels, -torch.ones(B, 1)], 1)
        e = self.pe(points / S)
        e = torch.where((labels == -1)[..., None], self.not_a_point_embed.weight[None] + 0 * e, e)
        e = e + (labels == 0)[..., None] * self.point_embeddings[0].weight + (labels == 1)[..., None] * self.point_embeddings[1].weight
        return e, self.mask_downscaling(mask)

    def boxes(self, boxes):
        corners = self.pe((boxes + 0.5).reshape(-1, 2, 2) / S)
        return corners + torch.stack([self.point_embeddings[2].weight[0], self.point_embeddings[3].weight[0]])


class Attention(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj = nn.Linear(C, inner), nn.Linear(C, inner), nn.Linear(C, inner)
        self.out_proj = nn.Linear(inner, C)

    def forward(self, q, k, v):
        def split(x):
            return x.reshape(x.shape[0], x.shape[1], DHEADS, -1).transpose(1, 2)

        q, k, v = split(self.q_proj(q)), split(self.k_proj(k)), split(self.v_proj(v))
        a = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1) @ v
        return self.out_proj(a.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, first):
        super().__init__()
        self.first = first
        self.self_attn = Attention(C)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(C) for _ in range(4))
        self.cross_attn_token_to_image, self.cross_attn_image_to_token = Attention(C // 2), Attention(C // 2)
        self.mlp = MlpBlock(C, DMLP, nn.ReLU())

    def forward(self, q, k, qpe, kpe, form):
        if form == "aespa":
            q = q if self.first else q + qpe
            q = self.norm1(q + self.self_attn(q, q, q))
        else:
            q = self.norm1(self.self_attn(q, q, q) if self.first else q + self.self_attn(q + qpe, q + qpe, q))
        q = self.norm2(q + self.cross_attn_token_to_image(q + qpe, k + kpe, k))
        q = self.norm3(q + self.mlp(q))
        k = self.norm4(k + self.cross_attn_image_to_token(k + kpe, q + qpe, q))
        return q, k


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList(Layer(i == 0) for i in range(2))
        self.transformer.final_attn_token_to_image, self.transformer.norm_final_attn = Attention(C // 2), nn.LayerNorm(C)
        self.iou_token, self.mask_tokens = Embed(), Embed(4)
        up = (nn.ConvTranspose2d(C, C // 4, 2, 2), LayerNorm2d(C // 4), nn.GELU(), nn.ConvTranspose2d(C // 4, C // 8, 2, 2), nn.GELU())
        self.output_upscaling = nn.Sequential(*up)
        self.output_hypernetworks_mlps = nn.ModuleList(Mlp(C, C, C, C // 8) for _ in range(4))
        self.iou_prediction_head = Mlp(C, C, C, 4)

    def forward(self, image, pe, sparse, dense, form):
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])[None].expand(B, -1, -1)
        tokens = torch.cat([own, sparse], 1)
        k, kpe = (image + dense).flatten(2).transpose(1, 2), pe.flatten(2).transpose(1, 2)
        q = tokens
        for layer in self.transformer.layers:
            q, k = layer(q, k, tokens, kpe, form)
        q = self.transformer.norm_final_attn(q + self.transformer.final_attn_token_to_image(q + tokens, k + kpe, k))
        up = self.output_upscaling(k.transpose(1, 2).reshape(B, C, G, G))
        hyper = torch.stack([m(q[:, 1 + i]) for i, m in enumerate(self.output_hypernetworks_mlps)], 1)
        masks = (hyper @ up.flatten(2)).view(B, 4, 4 * G, 4 * G)
        return masks, self.iou_prediction_head(q[:, 0])


model = nn.Module()
model.image_encoder, model.prompt_encoder, model.mask_decoder = Encoder(), Prompt(), Decoder()
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(torch.tensor(numbers(name, p.numel()).reshape(p.shape)) * (0.5 if p.dim() > 1 else 0.2) + (1 if "norm" in name and "weight" in name else 0))
images, points = tensor("images", B, S, S, 3), (tensor("points", B, 3, 2) + 1) * S / 2
labels, mask = torch.tensor([[1.0, 0, 1], [0, 0, 1]]), tensor("mask", B, 1, 4 * G, 4 * G)
features = model.image_encoder(images.permute(0, 3, 1, 2))
sparse, dense = model.prompt_encoder(points, labels, mask)
out = {"torch": torch.__version__, "features": some(features.permute(0, 2, 3, 1)), "sparse": some(sparse), "dense": some(dense.permute(0, 2, 3, 1))}
for form in ["sam", "aespa"]:
    masks, iou = model.mask_decoder(features, model.prompt_encoder.dense(), sparse, dense, form)
    out[form] = {"single": some(masks[:, 0]), "multiple": some(masks[:, 1:].permute(0, 2, 3, 1)), "iou": some(iou[:, 1:])}
# Prompted by a box and no mask, on bytes as SAM normalises them: how MedSAM is asked.
boxes = torch.tensor([[3.0, 5.5, 17.25, 20.0], [0.0, 2.0, 23.0, 11.0]])
grey = torch.floor((tensor("grey", B, 1, S, S) + 1) * 127.9)
mean, deviation = (torch.tensor(v)[None, :, None, None] for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
corners = model.prompt_encoder.boxes(boxes)
seen = model.image_encoder((grey.expand(-1, 3, -1, -1) / 255 - mean) / deviation)
nothing = model.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(B, -1, G, G)
boxed = model.mask_decoder(seen, model.prompt_encoder.dense(), corners, nothing, "sam")[0][:, 0]
out["box"] = {"tokens": some(corners), "probability": [some(p.sigmoid()) for p in boxed]}
single = model.mask_decoder(features, model.prompt_encoder.dense(), sparse, dense, "aespa")[0][:, 0]
loss = (single * tensor("weigh", B, 4 * G, 4 * G)).mean()
loss.backward()
out["loss"] = float(loss)
chosen = ["image_encoder.pos_embed", "image_encoder.blocks.0.attn.rel_pos_h", "image_encoder.blocks.1.attn.rel_pos_w", "image_encoder.blocks.0.attn.qkv.weight",
          "prompt_encoder.point_embeddings.1.weight", "prompt_encoder.mask_downscaling.0.weight", "mask_decoder.output_upscaling.0.weight", "mask_decoder.mask_tokens.weight",
          "mask_decoder.transformer.layers.1.self_attn.v_proj.weight"]
named = dict(model.named_parameters())
out["gradients"] = {name: some(named[name].grad) for name in chosen}
out["parameters"] = sum(p.numel() for n, p in named.items() if "gaussian" not in n)
Path(__file__).with_name("sam.json").write_text(json.dumps(out, indent=1) + "\n")
