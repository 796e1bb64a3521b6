"""PyTorch twins of bench/engine/nets.mjs: one training step (forward, gradients, Adam) of the same networks.

usage: engine.py THREADS STEPS NET…     prints one JSON object
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


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


class Transformer(nn.Module):
    def __init__(self, width=128, heads=4, words=512, length=128):
        super().__init__()
        self.heads = heads
        self.embedding, self.positions = nn.Embedding(words, width), nn.Parameter(torch.randn(length, width))
        make = lambda: nn.ModuleDict(dict(
            before=nn.LayerNorm(width), qkv=nn.Linear(width, 3 * width), out=nn.Linear(width, width),
            after=nn.LayerNorm(width), up=nn.Linear(width, 4 * width), down=nn.Linear(4 * width, width)))
        self.blocks = nn.ModuleList(make() for _ in range(4))
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, words)

    def forward(self, ids):
        x = self.embedding(ids) + self.positions
        n, t, d = x.shape
        for b in self.blocks:
            q, k, v = (p.view(n, t, self.heads, -1).transpose(1, 2) for p in b["qkv"](b["before"](x)).chunk(3, 2))
            weights = (q @ k.transpose(2, 3) / (d // self.heads) ** 0.5).softmax(-1)
            x = x + b["out"]((weights @ v).transpose(1, 2).reshape(n, t, d))
            x = x + b["down"](F.gelu(b["up"](b["after"](x))))
        return self.head(self.last(x))


def astra():
    net, x = Astra(), torch.randn(288, 3, 32, 32)
    return net, 1e-3, lambda: net(x)


def unet():
    net, x, y = UNet(), torch.randn(8, 1, 64, 64), (torch.rand(8, 1, 64, 64) < 0.4).float()
    return net, 1e-3, lambda: F.binary_cross_entropy_with_logits(net(x), y)


def resnet():
    net = nn.Sequential(residual_net((64, 128, 256, 512)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10, bias=False))
    x, y = torch.randn(64, 3, 32, 32), torch.randn(64, 10)
    return net, 1e-4, lambda: F.mse_loss(net(x), y)


def mlp():
    net = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 4))
    x, y = torch.randn(32, 8), torch.randn(32, 4)
    return net, 3e-4, lambda: F.mse_loss(net(x), y)


def transformer():
    net, ids, targets = Transformer(), torch.randint(512, (8, 128)), torch.randint(512, (8, 128))
    return net, 3e-4, lambda: F.cross_entropy(net(ids).view(-1, 512), targets.view(-1))


def times(make, steps, repeats):
    net, rate, loss_of = make()
    optimizer = torch.optim.Adam(net.parameters(), rate)

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(2 * repeats):
        step()
    wall, cpu = [], []
    for _ in range(steps):
        started, cpu_started = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            step()
        wall.append((time.perf_counter() - started) * 1000 / repeats)
        cpu.append((time.process_time() - cpu_started) * 1000 / repeats)
    wall.sort()
    return {"median": wall[len(wall) // 2], "min": wall[0], "cpu": min(cpu)}


def main():
    threads, steps, names = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    makers = {"astra": astra, "unet": unet, "resnet": resnet, "mlp": mlp, "transformer": transformer}
    rows = [{"net": name, **times(makers[name], steps, 20 if name == "mlp" else 1)} for name in names if name in makers]
    print(json.dumps({"device": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", "rows": rows}))


main()
