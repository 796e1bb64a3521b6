"""RASALoRE's two stages: the prompts that it trains on a frozen CLIP (DDPT), and its segmenter. RASALoRE spec §3."""
import math
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import LayerNorm2d

PUBLISHED = SimpleNamespace(size=128, channels=[32, 64, 128, 256], refiner=[64, 128], grid=32, heads=4, hidden=[128, 64], up=[128, 64])


class Convs(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(i, o, 3, padding=1), nn.Conv2d(o, o, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))))


class EB(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv, self.norm = Convs(i, o), LayerNorm2d(o)

    def forward(self, x):
        y = self.norm(self.conv(x))
        return y, F.max_pool2d(y, 2)


class Refiner(nn.Module):
    def __init__(self, i, mid, o):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(i, mid[0], 3, padding=1), nn.BatchNorm2d(mid[0]), nn.ReLU())
        self.upconv1 = nn.Sequential(nn.ConvTranspose2d(mid[0], mid[1], 3, 1, 1), nn.BatchNorm2d(mid[1]), nn.ReLU())
        self.upconv2 = nn.Sequential(nn.ConvTranspose2d(mid[1], o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU())
        self.skip_conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return F.avg_pool2d(self.upconv2(self.upconv1(self.conv(x))) + self.skip_conv(x), 4, 2, 1)


class Rasa(nn.Module):
    def __init__(self, d, n, heads, hidden):
        super().__init__()
        per = lambda: nn.ModuleList(nn.Linear(d, d) for _ in range(heads))
        self.query_projections, self.key_projections, self.value_projections = per(), per(), per()
        self.output_proj = nn.Linear(heads * d, d)
        self.positional_noise_encoding = nn.Parameter(torch.zeros(n, d))
        self.FF = nn.Sequential(nn.Linear(d, hidden[0]), nn.ReLU(), nn.LayerNorm(hidden[0]), nn.Linear(hidden[0], hidden[1]), nn.ReLU(), nn.LayerNorm(hidden[1]), nn.Linear(hidden[1], 1), nn.Sigmoid())

    def forward(self, p, r):
        k = r.flatten(2).permute(0, 2, 1)
        v = k + self.positional_noise_encoding
        heads = [(q(p) @ kk(k).transpose(1, 2) / math.sqrt(k.shape[-1])).softmax(-1) @ vv(v) for q, kk, vv in zip(self.query_projections, self.key_projections, self.value_projections)]
        xi = self.output_proj(torch.cat(heads, -1)) + p
        return self.FF(xi), xi


class Encoder(nn.Module):
    def __init__(self, z):
        super().__init__()
        c = (1, *z.channels)
        self.e1, self.e2, self.e3, self.e4 = (EB(c[i], c[i + 1]) for i in range(4))
        self.adapter1, self.adapter2 = Refiner(c[1], z.refiner, c[4]), Rasa(c[4], (z.size // 2) ** 2, z.heads, z.hidden)

    def forward(self, x, p):
        s1, _ = self.e1(x)
        s2, _ = self.e2(s1)
        _, p3 = self.e3(s2)
        f, _ = self.e4(p3)
        act, xi = self.adapter2(p, self.adapter1(s1))
        return act, xi, f


class Decoder(nn.Module):
    def __init__(self, z):
        super().__init__()
        d, self.side, points, up = z.channels[3], z.size // 2, z.grid**2, z.up
        self.positional_encoding = nn.Parameter(torch.zeros(1, d, self.side, self.side))
        self.cross_attention = nn.MultiheadAttention(d, z.heads, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(points)
        self.upsample = nn.Sequential(nn.ConvTranspose2d(points, up[0], 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(up[0], up[1], 4, 2, 1), nn.ReLU(), nn.Conv2d(up[1], 1, 1))

    def forward(self, xi, f):
        flat = lambda t: t.flatten(2).permute(0, 2, 1)
        mixed, _ = self.cross_attention(xi, flat(f), flat(f + self.positional_encoding))
        c = self.norm1(mixed + xi)
        o = self.norm2(flat(f) @ c.transpose(1, 2))
        return self.upsample(o.permute(0, 2, 1).reshape(len(f), -1, self.side, self.side))


class Ddpt:
    """Prompts on a frozen CLIP: the three modules that DPT.py registers, and so saves, apart."""

    def __init__(self, clip, z):
        width = clip.visual.conv1.out_channels
        joint, text_width, blocks = clip.visual.proj.shape[1], clip.ln_final.weight.shape[0], len(clip.visual.transformer.resblocks)
        self.clip = clip
        self.prompt_learner, self.ctx_learner, self.extractor = nn.Module(), nn.Module(), nn.Module()
        self.prompt_learner.ctx = nn.Parameter(torch.zeros(z.text_tokens, text_width))
        self.ctx_learner.ctx = nn.Parameter(torch.zeros(blocks - 1, z.visual_tokens, width))
        e = self.extractor
        e.meta_nets, e.attns = nn.ModuleList([nn.Linear(joint, width)]), nn.ModuleList([nn.Module()])
        for name, outputs in (("kmlp", z.attention), ("qmlp", z.attention), ("vmlp", width)):
            setattr(e.attns[0], name, nn.Linear(width, outputs, bias=False))
        e.lns, e.classfiers, e.lns2 = nn.ModuleList([nn.LayerNorm(width)]), nn.ModuleList([nn.Linear(width, 2, bias=False)]), nn.ModuleList([nn.LayerNorm(width)])
        e.ctx = nn.Parameter(torch.zeros(1, z.extra_tokens, width))

    def modules(self):
        return {"prompt_learner": self.prompt_learner, "image_encoder.transformer.ctx_learner": self.ctx_learner, "image_encoder.transformer.extractor": self.extractor}

    def keep_tokens(self, tokens):
        """The vectors around the learned ones stand in the file too."""
        embedded, learned = self.clip.token_embedding(tokens).detach(), len(self.prompt_learner.ctx)
        self.prompt_learner.register_buffer("token_prefix", embedded[:, :1])
        self.prompt_learner.register_buffer("token_suffix", embedded[:, 1 + learned :])
        self.ends = tokens.argmax(-1)

    def texts(self):
        p = self.prompt_learner
        return self.clip.embedded(torch.cat([p.token_prefix, p.ctx.expand(len(p.token_prefix), -1, -1), p.token_suffix], 1), self.ends)

    def image(self, images, texts):
        """Features and what each class's prompt says. The texts come as the text tower gives them: of any length."""
        e, visual = self.extractor, self.clip.visual
        x = visual.embed(images)
        for block, ctx in zip(visual.transformer.resblocks, self.ctx_learner.ctx):
            x = block(torch.cat([x, ctx.expand(len(x), -1, -1)], 1))[:, : x.shape[1]]
        asked = e.meta_nets[0](texts.expand(len(x), -1, -1))
        given = torch.cat([x, e.ctx.expand(len(x), -1, -1)], 1)
        q, k = e.attns[0].qmlp(asked), e.attns[0].kmlp(given)
        answer = e.attns[0].vmlp((q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).softmax(-1) @ given)
        prompts = e.lns2[0](answer + asked)
        last = visual.transformer.resblocks[-1](torch.cat([x, prompts], 1))
        return visual.ln_post(last[:, 0]) @ visual.proj, e.classfiers[0](e.lns[0](answer))
