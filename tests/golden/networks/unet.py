"""U-Net (PyTorch-UNet), U-Net++ in its nnU-Net form and UNeXt, under the names of their repositories. ASMR-seg spec §3.1."""
import torch
from torch import nn
from torch.nn import functional as F

from torch_tools import Named


class DoubleConv(nn.Module):
    def __init__(self, i, o, m=None):
        super().__init__()
        m = m or o
        conv = lambda a, b: nn.Conv2d(a, b, 3, padding=1, bias=False)
        self.double_conv = nn.Sequential(conv(i, m), nn.BatchNorm2d(m), nn.ReLU(), conv(m, o), nn.BatchNorm2d(o), nn.ReLU())

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, i, o, bilinear):
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True) if bilinear else nn.ConvTranspose2d(i, i // 2, 2, stride=2)
        self.conv = DoubleConv(i, o, i // 2) if bilinear else DoubleConv(i, o)

    def forward(self, x, skip):
        x = self.up(x)
        dy, dx = skip.size(2) - x.size(2), skip.size(3) - x.size(3)
        return self.conv(torch.cat([skip, F.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])], 1))


class UNet(nn.Module):
    def __init__(self, inputs, classes, widths, bilinear):
        super().__init__()
        n, share = len(widths) - 1, 2 if bilinear else 1
        self.n, self.inc = n, DoubleConv(inputs, widths[0])
        for i in range(n):
            setattr(self, f"down{i + 1}", Down(widths[i], widths[i + 1] // (share if i == n - 1 else 1)))
        for i in range(n):
            level = n - 1 - i
            setattr(self, f"up{i + 1}", Up(widths[level + 1], widths[level] // (share if level else 1), bilinear))
        self.outc = nn.Module()
        self.outc.conv = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        skips = [self.inc(x)]
        for i in range(self.n):
            skips.append(getattr(self, f"down{i + 1}")(skips[-1]))
        y = skips.pop()
        for i in range(self.n):
            y = getattr(self, f"up{i + 1}")(y, skips.pop())
        return self.outc.conv(y)


class Unit(nn.Module):
    def __init__(self, i, o, norm, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, stride, 1)
        self.instnorm = nn.BatchNorm2d(o) if norm == "batch" else nn.InstanceNorm2d(o, eps=1e-5, affine=True)

    def forward(self, x):
        return F.leaky_relu(self.instnorm(self.conv(x)), 0.01)


class Stack(nn.Module):
    def __init__(self, *units):
        super().__init__()
        self.blocks = nn.Sequential(*units)

    def forward(self, x):
        return self.blocks(x)


class UNetPlusPlus(nn.Module):
    def __init__(self, inputs, classes, base, cap, norm):
        super().__init__()
        w = [min(cap, base * 2**d) for d in range(6)]
        context = [Stack(Unit(inputs if d == 0 else w[d - 1], w[d], norm, 1 if d == 0 else 2), Unit(w[d], w[d], norm)) for d in range(5)]
        context.append(nn.Sequential(Stack(Unit(w[4], w[5], norm, 2)), Stack(Unit(w[5], w[5], norm))))
        self.conv_blocks_context = nn.ModuleList(context)
        for z in range(5):
            nodes = [(4 - z - n, n + 1) for n in range(5 - z)]
            setattr(self, f"loc{z}", nn.ModuleList(nn.Sequential(Stack(Unit((j + 1) * w[i], w[i], norm)), Stack(Unit(w[i], w[i], norm))) for i, j in nodes))
            setattr(self, f"up{z}", nn.ModuleList(nn.ConvTranspose2d(w[i + 1], w[i], 2, 2, bias=False) for i, j in nodes))
        self.seg_outputs = nn.ModuleList(nn.Conv2d(w[0], classes, 1, bias=False) for _ in range(5))

    def forward(self, x):
        nodes = {}
        for d, stage in enumerate(self.conv_blocks_context):
            x = nodes[d, 0] = stage(x)
        for j in range(1, 6):
            for i in range(6 - j):
                z, n = 5 - i - j, j - 1
                up = getattr(self, f"up{z}")[n](nodes[i + 1, j - 1])
                nodes[i, j] = getattr(self, f"loc{z}")[n](torch.cat([*(nodes[i, k] for k in range(j)), up], 1))
        return [head(nodes[0, 5 - k]) for k, head in enumerate(self.seg_outputs)]


def shift(x, dim):
    h, w = x.shape[2:]
    parts = torch.chunk(F.pad(x, (2, 2, 2, 2)), 5, 1)
    moved = torch.cat([torch.roll(part, by, dim) for part, by in zip(parts, range(-2, 3))], 1)
    return moved[:, :, 2 : 2 + h, 2 : 2 + w]


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm2, self.mlp = nn.LayerNorm(c), Named()
        self.mlp.fc1, self.mlp.fc2, self.mlp.dwconv = nn.Linear(c, c), nn.Linear(c, c), Named()
        self.mlp.dwconv.dwconv = nn.Conv2d(c, c, 3, 1, 1, groups=c)

    def forward(self, x):  # [B, C, H, W]
        last = lambda f, y: f(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        y = last(self.mlp.fc1, shift(last(self.norm2, x), 2))
        return x + last(self.mlp.fc2, shift(F.gelu(self.mlp.dwconv.dwconv(y)), 3))


class Embed(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.proj, self.norm = nn.Conv2d(i, o, 3, 2, 1), nn.LayerNorm(o)

    def forward(self, x):
        return self.norm(self.proj(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class UNeXt(nn.Module):
    def __init__(self, inputs, classes, convolutions, tokens):
        super().__init__()
        (a, b, c), (d, e) = convolutions, tokens
        conv = lambda i, o: nn.Conv2d(i, o, 3, 1, 1)
        self.encoder1, self.encoder2, self.encoder3 = conv(inputs, a), conv(a, b), conv(b, c)
        self.ebn1, self.ebn2, self.ebn3 = nn.BatchNorm2d(a), nn.BatchNorm2d(b), nn.BatchNorm2d(c)
        self.norm3, self.norm4, self.dnorm3, self.dnorm4 = nn.LayerNorm(d), nn.LayerNorm(e), nn.LayerNorm(d), nn.LayerNorm(c)
        self.block1, self.block2, self.dblock1, self.dblock2 = (nn.ModuleList([Block(n)]) for n in (d, e, d, c))
        self.patch_embed3, self.patch_embed4 = Embed(c, d), Embed(d, e)
        self.decoder1, self.decoder2, self.decoder3, self.decoder4, self.decoder5 = conv(e, d), conv(d, c), conv(c, b), conv(b, a), conv(a, a)
        self.dbn1, self.dbn2, self.dbn3, self.dbn4 = nn.BatchNorm2d(d), nn.BatchNorm2d(c), nn.BatchNorm2d(b), nn.BatchNorm2d(a)
        self.final = nn.Conv2d(a, classes, 1)

    def forward(self, x):
        last = lambda f, y: f(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        up = lambda y: F.interpolate(y, scale_factor=(2, 2), mode="bilinear", align_corners=False)
        t1 = F.relu(F.max_pool2d(self.ebn1(self.encoder1(x)), 2))
        t2 = F.relu(F.max_pool2d(self.ebn2(self.encoder2(t1)), 2))
        t3 = F.relu(F.max_pool2d(self.ebn3(self.encoder3(t2)), 2))
        t4 = last(self.norm3, self.block1[0](self.patch_embed3(t3)))
        y = last(self.norm4, self.block2[0](self.patch_embed4(t4)))
        y = last(self.dnorm3, self.dblock1[0](F.relu(up(self.dbn1(self.decoder1(y)))) + t4))
        y = last(self.dnorm4, self.dblock2[0](F.relu(up(self.dbn2(self.decoder2(y)))) + t3))
        y = F.relu(up(self.dbn3(self.decoder3(y)))) + t2
        y = F.relu(up(self.dbn4(self.decoder4(y)))) + t1
        return self.final(F.relu(up(self.decoder5(y))))
