"""PyTorch twins of bench/engine/nets.mjs: one training step (forward, gradients, Adam) of the same networks.

usage: engine.py THREADS STEPS NET [DEVICE [TIMES]]     prints one JSON object; TIMES makes batches that many times larger
"""
import json
import os
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


TIMES = int(sys.argv[5]) if len(sys.argv) > 5 else 1


class Block(nn.Module):
    def __init__(self, width_in, width_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width_out)
        self.conv2 = nn.Conv2d(width_out, width_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width_out)
        self.shortcut = nn.Sequential()
        if stride != 1 or width_in != width_out:
            self.shortcut = nn.Sequential(nn.Conv2d(width_in, width_out, 1, stride, bias=False), nn.BatchNorm2d(width_out))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def residual_net(widths):
    layers = [nn.Conv2d(3, widths[0], 7, 2, 3, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width_in = widths[0]
    for stage, (width, depth) in enumerate(zip(widths, (3, 4, 6, 3))):
        for i in range(depth):
            layers.append(Block(width_in, width, 2 if stage > 0 and i == 0 else 1))
            width_in = width
    return nn.Sequential(*layers)


class Astra(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = residual_net((8, 16, 32, 64))
        self.hidden, self.score = nn.Linear(64, 64, bias=False), nn.Linear(64, 1, bias=False)
        self.first, self.second = nn.Linear(64, 64, bias=False), nn.Linear(64, 32, bias=False)

    def forward(self, x):
        features = self.backbone(x).mean((2, 3)).view(32, 9, 64)
        attention = self.score(torch.tanh(self.hidden(features))).softmax(1)
        z = F.normalize(self.second(F.relu(self.first((features * attention).sum(1)))), dim=1)
        similarity = z @ z.T / 0.5
        masked = similarity - torch.eye(32) * 1e9
        return F.cross_entropy(masked, (torch.arange(32) + 16) % 32)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        conv = lambda i, o: [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        double = lambda i, o: nn.Sequential(*conv(i, o), *conv(o, o))
        widths = (16, 32, 64, 128)
        self.down = nn.ModuleList(double(i, o) for i, o in zip((1, *widths), widths))
        self.bottom = double(128, 256)
        self.rise = nn.ModuleList(nn.ConvTranspose2d(2 * o, o, 2, 2) for o in reversed(widths))
        self.up = nn.ModuleList(double(2 * o, o) for o in reversed(widths))
        self.head = nn.Conv2d(16, 1, 1)

    def forward(self, x):
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for rise, up, skip in zip(self.rise, self.up, reversed(skips)):
            x = up(torch.cat([skip, rise(x)], 1))
        return self.head(x)


class TransformerBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.after, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (p.view(n, t, self.heads, -1).transpose(1, 2) for p in self.qkv(self.before(x)).chunk(3, 2))
        weights = (q @ k.transpose(2, 3) / (d // self.heads) ** 0.5).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.down(F.gelu(self.up(self.after(x))))


class Transformer(nn.Module):
    def __init__(self, width=128, heads=4, words=512, length=128):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(words, width), nn.Parameter(torch.randn(length, width))
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads) for _ in range(4)))
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, words)

    def forward(self, ids):
        return self.head(self.last(self.blocks(self.embedding(ids) + self.positions)))


def astra():
    net, x = Astra(), torch.randn(288, 3, 32, 32)
    return net, 1e-3, lambda: net(x)


def unet():
    net, x, y = UNet(), torch.randn(8 * TIMES, 1, 64, 64), (torch.rand(8 * TIMES, 1, 64, 64) < 0.4).float()
    return net, 1e-3, lambda: F.binary_cross_entropy_with_logits(net(x), y)


def resnet():
    net = nn.Sequential(residual_net((64, 128, 256, 512)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10, bias=False))
    x, y = torch.randn(64 * TIMES, 3, 32, 32), torch.randn(64 * TIMES, 10)
    return net, 1e-4, lambda: F.mse_loss(net(x), y)


def policy():
    net = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 4))
    x, y = torch.randn(32 * TIMES, 8), torch.randn(32 * TIMES, 4)
    return net, 3e-4, lambda: F.mse_loss(net(x), y)


def vit():
    net, x, y = TransformerBlock(768, 12), torch.randn(2 * TIMES, 196, 768), torch.randn(2 * TIMES, 196, 768)
    return net, 1e-4, lambda: F.mse_loss(net(x), y)


def encoder():
    net, x = nn.Sequential(*(TransformerBlock(768, 12) for _ in range(12))), torch.randn(TIMES, 256, 768)
    return net, None, lambda: net(x).mean()


def transformer():
    net, ids, targets = Transformer(), torch.randint(512, (8 * TIMES, 128)), torch.randint(512, (8 * TIMES, 128))
    return net, 3e-4, lambda: F.cross_entropy(net(ids).view(-1, 512), targets.view(-1))


def times(make, steps, repeats):
    net, rate, loss_of = make()
    optimizer = None if rate is None else torch.optim.Adam(net.parameters(), rate)

    def forward():
        with torch.no_grad():
            return loss_of().item()

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss.item()

    once = forward if optimizer is None else step
    started = time.perf_counter()
    once()
    first = (time.perf_counter() - started) * 1000
    for _ in range(2 * repeats):
        once()
    wall, cpu = [], []
    for _ in range(steps):
        started, cpu_started = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            once()
        wall.append((time.perf_counter() - started) * 1000 / repeats)
        cpu.append((time.process_time() - cpu_started) * 1000 / repeats)
    wall.sort()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"median": wall[len(wall) // 2], "min": wall[0], "cpu": min(cpu), "first": first, "megabytes": megabytes}


def blas():
    """The library that multiplies matrices: Debian's reference BLAS is some ten times slower than OpenBLAS."""
    torch.ones(2, 2) @ torch.ones(2, 2)
    try:
        with open("/proc/self/maps") as maps:
            files = sorted({line.split()[-1] for line in maps if "blas" in line or "libmkl" in line})
    except OSError:
        files = []
    return ", ".join(os.path.realpath(file) for file in files) or "built in"


def main():
    threads, steps, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    if len(sys.argv) > 4 and sys.argv[4] != "cpu":
        torch.set_default_device(sys.argv[4])
    torch.manual_seed(0)
    make = {"astra": astra, "unet": unet, "resnet": resnet, "policy": policy, "transformer": transformer, "vit": vit, "encoder": encoder}[name]
    row = times(make, steps, 20 if name == "policy" else 1)
    print(json.dumps({"version": torch.__version__, "blas": blas(), **row}))


main()
