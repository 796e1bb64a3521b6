"""Segment Anything with a ViT encoder, in two styles: `sam` as Meta's and MedSAM's code, `aespa` as AESPA's, which adds a latent. AESPA spec §3."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import LayerNorm2d


class Sizes:
    S, PATCH, WIDTH, BLOCKS, HEADS, GLOBAL, WINDOW, STORED, C, DHEADS, DMLP, M, L = 24, 4, 8, 2, 2, [1], 4, 5, 16, 2, 12, 3, 4


class ViTB(Sizes):
    S, PATCH, WIDTH, BLOCKS, HEADS, GLOBAL, WINDOW, STORED, C, DHEADS, DMLP, M, L = 128, 16, 768, 12, 12, [2, 5, 8, 11], 14, 64, 256, 8, 2048, 16, 64


def rows_for(table, side):
    """SAM's get_rel_pos: a table of another length is resized, linearly."""
    if table.shape[0] == 2 * side - 1:
        return table
    return F.interpolate(table.T[None], size=2 * side - 1, mode="linear")[0].T


class Attn(nn.Module):
    def __init__(self, z, rows, style):
        super().__init__()
        self.heads, d = z.HEADS, z.WIDTH // z.HEADS
        self.qkv, self.proj = nn.Linear(z.WIDTH, 3 * z.WIDTH), nn.Linear(z.WIDTH, z.WIDTH)
        self.names = ("rel_pos_h", "rel_pos_w") if style == "sam" else ("rel_h", "rel_w")
        for name in self.names:
            setattr(self, name, nn.Parameter(torch.zeros(rows, d)))

    def forward(self, x):
        b, h, w, c = x.shape
        q, k, v = self.qkv(x).reshape(b, h * w, 3, self.heads, -1).permute(2, 0, 3, 1, 4).reshape(3, b * self.heads, h * w, -1).unbind(0)
        attn = (q * (c // self.heads) ** -0.5) @ k.transpose(-2, -1)
        at = torch.arange(h)
        rh, rw = (rows_for(getattr(self, name), h)[at[:, None] - at[None, :] + h - 1] for name in self.names)
        rq = q.reshape(b * self.heads, h, w, -1)
        rel_h, rel_w = torch.einsum("bhwc,hkc->bhwk", rq, rh), torch.einsum("bhwc,wkc->bhwk", rq, rw)
        attn = (attn.view(b * self.heads, h, w, h, w) + rel_h[..., None] + rel_w[..., None, :]).view(b * self.heads, h * w, h * w)
        x = (attn.softmax(-1) @ v).view(b, self.heads, h, w, -1).permute(0, 2, 3, 1, 4).reshape(b, h, w, -1)
        return self.proj(x)


class EncoderMlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.lin1, self.lin2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.lin2(F.gelu(self.lin1(x)))


class Block(nn.Module):
    def __init__(self, z, index, style):
        super().__init__()
        self.window = 0 if index in z.GLOBAL else z.WINDOW
        side = z.WINDOW if self.window else (z.STORED if style == "sam" else z.S // z.PATCH)
        self.norm1, self.norm2 = nn.LayerNorm(z.WIDTH, eps=1e-6), nn.LayerNorm(z.WIDTH, eps=1e-6)
        self.attn, self.mlp = Attn(z, 2 * side - 1, style), EncoderMlp(z.WIDTH)

    def forward(self, x):
        y = self.norm1(x)
        if self.window:
            b, h, w, c = y.shape
            n = self.window
            y = F.pad(y, (0, 0, 0, -w % n, 0, -h % n))
            hp, wp = y.shape[1:3]
            y = y.view(b, hp // n, n, wp // n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, n, n, c)
            y = self.attn(y).view(b, hp // n, wp // n, n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(b, hp, wp, c)[:, :h, :w]
        else:
            y = self.attn(y)
        x = x + y
        return x + self.mlp(self.norm2(x))


class Fcomb(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(z.C + z.L, z.C, 1), nn.ReLU(), nn.Conv2d(z.C, z.C, 1), nn.ReLU(), nn.Conv2d(z.C, z.C, 1), nn.ReLU())

    def forward(self, x, latent):
        return self.layers(torch.cat([x, latent[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1))


class Encoder(nn.Module):
    def __init__(self, z, style):
        super().__init__()
        self.g = z.S // z.PATCH
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, z.WIDTH, z.PATCH, z.PATCH)
        self.pos_embed = nn.Parameter(torch.zeros(1, z.STORED, z.STORED, z.WIDTH))
        self.blocks = nn.ModuleList(Block(z, i, style) for i in range(z.BLOCKS))
        self.neck = nn.Sequential(nn.Conv2d(z.WIDTH, z.C, 1, bias=False), LayerNorm2d(z.C), nn.Conv2d(z.C, z.C, 3, padding=1, bias=False), LayerNorm2d(z.C))
        if style == "aespa":
            self.fcomb = Fcomb(z)

    def forward(self, x):
        x = self.patch_embed.proj(x).permute(0, 2, 3, 1)
        pos = F.interpolate(self.pos_embed.permute(0, 3, 1, 2), (self.g, self.g), mode="bicubic", align_corners=False)
        x = x + pos.permute(0, 2, 3, 1)
        for block in self.blocks:
            x = block(x)
        return self.neck(x.permute(0, 3, 1, 2))


class Prompt(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.s, self.g = z.S, z.S // z.PATCH
        self.pe_layer = nn.Module()
        self.pe_layer.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, z.C // 2))
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, z.C) for _ in range(4))
        self.not_a_point_embed, self.no_mask_embed = nn.Embedding(1, z.C), nn.Embedding(1, z.C)
        self.mask_downscaling = nn.Sequential(nn.Conv2d(1, 4, 2, 2), LayerNorm2d(4), nn.GELU(), nn.Conv2d(4, 16, 2, 2), LayerNorm2d(16), nn.GELU(), nn.Conv2d(16, z.C, 1))

    def pe(self, c):
        v = 2 * math.pi * ((2 * c - 1) @ self.pe_layer.positional_encoding_gaussian_matrix)
        return torch.cat([v.sin(), v.cos()], -1)

    def dense(self):
        at = (torch.arange(self.g) + 0.5) / self.g
        y, x = torch.meshgrid(at, at, indexing="ij")
        return self.pe(torch.stack([x, y], -1)).permute(2, 0, 1)[None]

    def forward(self, points, labels):
        pad = self.not_a_point_embed.weight[None].expand(points.shape[0], -1, -1)
        kind = torch.where(labels[..., None] == 1, self.point_embeddings[1].weight, self.point_embeddings[0].weight)
        return torch.cat([self.pe((points + 0.5) / self.s) + kind, pad], 1)

    def mask(self, logits):
        return self.no_mask_embed.weight[:, :, None, None] if logits is None else self.mask_downscaling(logits)


class CrossAttention(nn.Module):
    def __init__(self, z, inner):
        super().__init__()
        self.heads = z.DHEADS
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = nn.Linear(z.C, inner), nn.Linear(z.C, inner), nn.Linear(z.C, inner), nn.Linear(inner, z.C)

    def forward(self, q, k, v):
        q, k, v = (p(x).reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2) for p, x in ((self.q_proj, q), (self.k_proj, k), (self.v_proj, v)))
        a = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1) @ v
        return self.out_proj(a.transpose(1, 2).flatten(2))


class DecoderMlp(nn.Module):
    """SAM calls the two layers lin1 and lin2, the AESPA repository layers.0.0 and fc."""

    def __init__(self, z, style):
        super().__init__()
        self.style = style
        if style == "sam":
            self.lin1, self.lin2 = nn.Linear(z.C, z.DMLP), nn.Linear(z.DMLP, z.C)
        else:
            self.layers, self.fc = nn.Sequential(nn.Sequential(nn.Linear(z.C, z.DMLP))), nn.Linear(z.DMLP, z.C)

    def forward(self, x):
        return self.lin2(F.relu(self.lin1(x))) if self.style == "sam" else self.fc(F.relu(self.layers(x)))


class Layer(nn.Module):
    def __init__(self, z, first, style):
        super().__init__()
        self.first, self.style = first, style
        self.self_attn = CrossAttention(z, z.C)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(z.C) for _ in range(4))
        self.cross_attn_token_to_image, self.cross_attn_image_to_token = CrossAttention(z, z.C // 2), CrossAttention(z, z.C // 2)
        self.mlp = DecoderMlp(z, style)

    def forward(self, q, k, qpe, kpe):
        if self.style == "aespa":
            q = q if self.first else q + qpe
            q = self.norm1(q + self.self_attn(q, q, q))
        else:
            q = self.norm1(self.self_attn(q, q, q) if self.first else q + self.self_attn(q + qpe, q + qpe, q))
        q = self.norm2(q + self.cross_attn_token_to_image(q + qpe, k + kpe, k))
        q = self.norm3(q + self.mlp(q))
        return q, self.norm4(k + self.cross_attn_image_to_token(k + kpe, q + qpe, q))


class Mlp(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x) if i == len(self.layers) - 1 else F.relu(layer(x))
        return x


class Decoder(nn.Module):
    def __init__(self, z, style):
        super().__init__()
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList(Layer(z, i == 0, style) for i in range(2))
        self.transformer.final_attn_token_to_image, self.transformer.norm_final_attn = CrossAttention(z, z.C // 2), nn.LayerNorm(z.C)
        self.iou_token, self.mask_tokens = nn.Embedding(1, z.C), nn.Embedding(4, z.C)
        self.output_upscaling = nn.Sequential(nn.ConvTranspose2d(z.C, z.C // 4, 2, 2), LayerNorm2d(z.C // 4), nn.GELU(), nn.ConvTranspose2d(z.C // 4, z.C // 8, 2, 2), nn.GELU())
        self.output_hypernetworks_mlps = nn.ModuleList(Mlp(z.C, z.C, z.C, z.C // 8) for _ in range(4))
        self.iou_prediction_head = Mlp(z.C, z.C, z.C, 4)

    def forward(self, image, pe, sparse, dense):
        b, c, g, _ = image.shape
        tokens = torch.cat([torch.cat([self.iou_token.weight, self.mask_tokens.weight])[None].expand(b, -1, -1), sparse], 1)
        k, kpe, q = (image + dense).flatten(2).transpose(1, 2), pe.flatten(2).transpose(1, 2), tokens
        for layer in self.transformer.layers:
            q, k = layer(q, k, tokens, kpe)
        q = self.transformer.norm_final_attn(q + self.transformer.final_attn_token_to_image(q + tokens, k + kpe, k))
        up = self.output_upscaling(k.transpose(1, 2).reshape(b, c, g, g))
        return torch.einsum("bc,bchw->bhw", self.output_hypernetworks_mlps[0](q[:, 1]), up)[:, None]


class EMWeights(nn.Module):
    def __init__(self, z):
        super().__init__()
        for i, (a, b) in enumerate(zip((z.M, 64, 128, 256, 128, 64), (64, 128, 256, 128, 64, z.M))):
            setattr(self, f"fc{i + 1}", nn.Linear(a, b))

    def forward(self, x):
        for i in range(1, 6):
            x = F.relu(getattr(self, f"fc{i}")(x))
        return self.fc6(x).softmax(1)


class EMMeanVariance(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.conv1d_1, self.conv1d_2 = nn.Conv1d(z.C, 128, 3, padding=1), nn.Conv1d(128, 64, 3, padding=1)
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(z.C, 128, 3, padding=1), nn.Conv2d(128, 64, 3, padding=1), nn.Conv2d(64, 32, 3, padding=1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(192, 128), nn.Linear(128, 64), nn.Linear(64, 2 * z.M)

    def forward(self, se, pe):
        se = F.relu(self.conv1d_2(F.relu(self.conv1d_1(se.transpose(1, 2))))).mean(2)
        pe = F.relu(self.conv3(F.relu(self.conv2(F.relu(self.conv1(pe))))))
        pe = F.adaptive_avg_pool2d(pe, (2, 2)).flatten(1).expand(se.shape[0], -1)
        means, variances = self.fc3(F.relu(self.fc2(F.relu(self.fc1(torch.cat([se, pe], 1)))))).chunk(2, 1)
        return means.mean(0), (F.relu(variances) + 1e-6).mean(0)


class Aespa(nn.Module):
    def __init__(self, z, style="aespa"):
        super().__init__()
        self.z = z
        self.image_encoder, self.prompt_encoder, self.mask_decoder = Encoder(z, style), Prompt(z), Decoder(z, style)
        if style == "aespa":
            self.EM_weights, self.EM_mean_variance = EMWeights(z), EMMeanVariance(z)

    def round(self, image, points, labels, responsibilities, last):
        """One mask of one picture, as function_aespa.py makes it; clicks in the order they are given."""
        tokens = self.prompt_encoder(points, labels)
        w = self.EM_weights(responsibilities).mean(0)
        means, _ = self.EM_mean_variance(tokens, self.prompt_encoder.dense())
        latent = ((w / w.sum()) * means).sum().expand(1, self.z.L)
        features = self.image_encoder.fcomb(self.image_encoder(image), latent)
        return self.mask_decoder(features, self.prompt_encoder.dense(), tokens, self.prompt_encoder.mask(last))
