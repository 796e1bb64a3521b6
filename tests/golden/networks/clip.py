"""CLIP with a vision transformer, under the names of OpenAI's checkpoints. Radford et al., 2021."""
from types import SimpleNamespace

import torch
from torch import nn

VIT_B32 = SimpleNamespace(size=224, patch=32, width=768, blocks=12, heads=12, joint=512, context=77, words=49408, text_width=512, text_blocks=12, text_heads=8)


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width, heads, mask=None):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", QuickGELU())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))
        self.mask = mask

    def attend(self, x):
        """What attention adds, and how the tokens looked at each other."""
        y = self.ln_1(x)
        return self.attn(y, y, y, need_weights=True, attn_mask=None if self.mask is None else self.mask.to(x.dtype))

    def forward(self, x):  # [B, N, C]
        x = x + self.attend(x)[0]
        return x + self.mlp(self.ln_2(x))


class Tower(nn.Module):
    def __init__(self, width, heads, blocks, mask=None):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads, mask) for _ in range(blocks))


class Vision(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.conv1 = nn.Conv2d(3, z.width, z.patch, z.patch, bias=False)
        self.class_embedding, self.positional_embedding = nn.Parameter(torch.zeros(z.width)), nn.Parameter(torch.zeros((z.size // z.patch) ** 2 + 1, z.width))
        self.ln_pre, self.ln_post = nn.LayerNorm(z.width), nn.LayerNorm(z.width)
        self.transformer = Tower(z.width, z.heads, z.blocks)
        self.proj = nn.Parameter(torch.zeros(z.width, z.joint))

    def embed(self, x):
        x = self.conv1(x).flatten(2).permute(0, 2, 1)
        first = self.class_embedding + torch.zeros(x.shape[0], 1, x.shape[2], dtype=x.dtype)
        return self.ln_pre(torch.cat([first, x], 1) + self.positional_embedding)

    def forward(self, x):
        x = self.embed(x)
        for block in self.transformer.resblocks:
            x = block(x)
        return self.ln_post(x[:, 0]) @ self.proj


class Clip(nn.Module):
    def __init__(self, z):
        super().__init__()
        self.visual = Vision(z)
        self.token_embedding = nn.Embedding(z.words, z.text_width)
        self.positional_embedding = nn.Parameter(torch.zeros(z.context, z.text_width))
        self.transformer = Tower(z.text_width, z.text_heads, z.text_blocks, torch.full((z.context, z.context), float("-inf")).triu_(1))
        self.ln_final = nn.LayerNorm(z.text_width)
        self.text_projection = nn.Parameter(torch.zeros(z.text_width, z.joint))
        self.logit_scale = nn.Parameter(torch.zeros(()))

    def embedded(self, x, ends):
        """Texts from their tokens' vectors."""
        x = x + self.positional_embedding
        for block in self.transformer.resblocks:
            x = block(x)
        return self.ln_final(x)[torch.arange(x.shape[0]), ends] @ self.text_projection

    def text(self, tokens):
        return self.embedded(self.token_embedding(tokens), tokens.argmax(-1))

    def forward(self, images, tokens):
        """As OpenAI's: logits of every image with every text."""
        image, text = self.visual(images), self.text(tokens)
        image, text = image / image.norm(dim=-1, keepdim=True), text / text.norm(dim=-1, keepdim=True)
        return self.logit_scale.exp() * image @ text.T
