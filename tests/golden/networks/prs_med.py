"""PRS-Med's fusion and mask head, as mask_decoder_v5.py names it. PRS-Med spec §3.3."""
import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, i, 3, padding=1), nn.InstanceNorm2d(i, affine=True)
        self.conv2, self.bn2, self.conv3 = nn.Conv2d(i, o, 1, padding=1), nn.InstanceNorm2d(o, affine=True), nn.Conv2d(o, o, 3)

    def forward(self, x):
        return self.conv3(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))) + x)))


class FFN(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc1, self.fc2, self.norm, self.norm1 = nn.Linear(c, c), nn.Linear(c, c), nn.LayerNorm(c), nn.LayerNorm(c)

    def forward(self, x):
        return self.norm(torch.relu(self.fc2(torch.relu(self.fc1(x)) + x)))


class MaskDecoder(nn.Module):
    def __init__(self, prompt, hidden, c, heads, enc_heads, ff, up):
        super().__init__()
        self.up = up
        self.prompt_projection = nn.Sequential(nn.Linear(prompt, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, c), nn.LayerNorm(c), nn.ReLU())
        self.prompt_norm, self.image_norm, self.norm1 = nn.LayerNorm(c), nn.LayerNorm(c), nn.LayerNorm(c)
        self.attn = nn.MultiheadAttention(c, heads, batch_first=True)
        self.encoder_layer = nn.TransformerEncoderLayer(c, enc_heads, ff, 0.0, "relu", batch_first=True)
        self.ffn = FFN(c)
        self.mask_generation = nn.Sequential(BasicBlock(c, c), BasicBlock(c, c // 2), BasicBlock(c // 2, c // 4))
        self.out_dec = nn.Conv2d(c // 4, 1, 1)

    def forward(self, f, p, pad=None):
        b, c, h, w = f.shape
        kv = self.prompt_norm(self.prompt_projection(p))
        q = self.image_norm(f.flatten(2).transpose(1, 2))
        a, shares = self.attn(q, kv, kv, key_padding_mask=pad)
        x = self.ffn(self.encoder_layer(self.norm1(q + a)))
        x = self.mask_generation(x.transpose(1, 2).reshape(b, c, h, w) + f)
        return F.interpolate(self.out_dec(x), scale_factor=self.up, mode="bilinear", align_corners=True), shares
