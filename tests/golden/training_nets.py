"""Twenty Adam steps of a small U-Net, ResNet, vision transformer and causal language model, in float32 and from weights that a formula gives.

Makes training_nets.json for src/engine/cases/pytorch.cases.ts. PyTorch 1.13.0 (Debian python3-torch).

The seeds are chosen so that rounding does not decide where training goes: with every gradient and weight off by 2e-6 of its size, the U-Net's
losses and weights stay within 1.2e-5. With other images they part by up to 2e-3, where a ReLU or a maximum changes sides.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F


def numbers(shape, seed, scale):
    """The same in TypeScript: scale · sin(seed + 1.7·i) · cos(0.3·i), in double precision, then float32."""
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(seed + 1.7 * i) * math.cos(0.3 * i) for i in range(count)]).reshape(shape)


class Layers:
    """Makes layers, and keeps their weights in the order in which they were made."""

    def __init__(self):
        self.parameters = []

    def keep(self, tensor):
        self.parameters.append(torch.nn.Parameter(tensor))
        return self.parameters[-1]

    def filter(self, shape_hwio, seed):
        return self.keep(numbers(shape_hwio, seed, math.sqrt(4 / math.prod(shape_hwio[:-1]))))

    def batch_norm(self, channels):
        gain, shift = self.keep(torch.ones(channels)), self.keep(torch.zeros(channels))
        return lambda z: F.batch_norm(z, None, None, gain, shift, True, 0.1, 1e-5)

    def layer_norm(self, width):
        gain, shift = self.keep(torch.ones(width)), self.keep(torch.zeros(width))
        return lambda z: F.layer_norm(z, (width,), gain, shift, 1e-5)

    def linear(self, from_, to, seed):
        w, b = self.keep(numbers((from_, to), seed, math.sqrt(4 / from_))), self.keep(torch.zeros(to))
        return w, lambda z: z @ w + b

    def block(self, width, heads, mask=None):
        before, (_, qkv), (_, out) = self.layer_norm(width), self.linear(width, 3 * width, 3), self.linear(width, width, 4)
        after, (_, up), (_, down) = self.layer_norm(width), self.linear(width, 4 * width, 5), self.linear(4 * width, width, 6)

        def block(x):
            batch, tokens, _ = x.shape
            q, k, v = (part.view(batch, tokens, heads, -1).transpose(1, 2) for part in qkv(before(x)).chunk(3, 2))
            scores = q @ k.transpose(2, 3) / math.sqrt(width // heads)
            weights = (scores if mask is None else scores.masked_fill(mask, -math.inf)).softmax(-1)
            z = x + out((weights @ v).transpose(1, 2).reshape(batch, tokens, width))
            return z + down(F.gelu(up(after(z))))

        return block


def train(loss, parameters, shown):
    optimizer = torch.optim.Adam(parameters, 1e-3, eps=1e-7)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        value = loss()
        losses.append(value.item())
        value.backward()
        optimizer.step()
    return {"losses": losses, "weights": {name: weight.detach().flatten()[:64].tolist() for name, weight in shown.items()}}


def oihw(w):
    return w.permute(3, 2, 0, 1)


def images(shape_nhwc, seed):
    return numbers(shape_nhwc, seed, 1.0).permute(0, 3, 1, 2).contiguous()


def unet():
    layers = Layers()
    filters = [layers.filter(shape, i + 1) for i, shape in enumerate([(3, 3, 1, 16), (3, 3, 16, 16), (3, 3, 16, 32), (3, 3, 32, 16)])]
    rise = layers.filter((2, 2, 16, 32), 5)  # as TensorFlow keeps a transposed convolution: [height, width, out, in]
    head = layers.filter((1, 1, 16, 1), 6)
    norms = [layers.batch_norm(channels) for channels in (16, 16, 32, 16)]
    x, mask = images((4, 8, 8, 1), 8), (images((4, 8, 8, 1), 9) > 0).float()

    def block(z, i):
        return F.relu(norms[i](F.conv2d(z, oihw(filters[i]), padding=1)))

    def loss():
        skip = block(block(x, 0), 1)
        low = block(F.max_pool2d(skip, 2), 2)
        wide = F.conv_transpose2d(low, oihw(rise), stride=2)
        logits = F.conv2d(block(torch.cat([skip, wide], 1), 3), oihw(head))
        return F.binary_cross_entropy_with_logits(logits, mask)

    return train(loss, layers.parameters, {"first": filters[0], "rise": rise, "head": head})


def resnet():
    layers = Layers()
    stem, first, second, shortcut = (
        layers.filter(shape, i + 1) for i, shape in enumerate([(5, 5, 3, 8), (3, 3, 8, 16), (3, 3, 16, 16), (1, 1, 8, 16)])
    )
    head = layers.keep(numbers((16, 4), 5, math.sqrt(4 / 16)))
    norms = [layers.batch_norm(channels) for channels in (8, 16, 16, 16)]
    x, y = images((8, 16, 16, 3), 6), numbers((8, 4), 7, 1.0)

    def loss():
        low = F.max_pool2d(F.relu(norms[0](F.conv2d(x, oihw(stem), stride=2, padding=2))), 3, 2, 1)
        inner = norms[2](F.conv2d(F.relu(norms[1](F.conv2d(low, oihw(first), stride=2, padding=1))), oihw(second), padding=1))
        features = F.relu(inner + norms[3](F.conv2d(low, oihw(shortcut), stride=2))).mean((2, 3))
        return F.mse_loss(features @ head, y)

    return train(loss, layers.parameters, {"stem": stem, "head": head})


def vit():
    layers = Layers()
    tokens, width = 16, 32
    embed_weight, embed = layers.linear(12, width, 1)
    positions = layers.keep(numbers((tokens, width), 2, 0.1))
    block = layers.block(width, 4)
    last, (head_weight, head) = layers.layer_norm(width), layers.linear(width, 4, 7)
    x, y = numbers((4, tokens, 12), 8, 1.0), numbers((4, 4), 9, 1.0)

    def loss():
        return F.mse_loss(head(last(block(embed(x) + positions)).mean(1)), y)

    return train(loss, layers.parameters, {"embed": embed_weight, "positions": positions, "head": head_weight})


def transformer():
    layers = Layers()
    batch, tokens, width, vocabulary = 3, 8, 16, 12
    embedding = layers.keep(numbers((vocabulary, width), 1, 1.0))
    positions = layers.keep(numbers((tokens, width), 2, 0.1))
    block = layers.block(width, 2, torch.ones(tokens, tokens, dtype=torch.bool).triu(1))
    last, (head_weight, head) = layers.layer_norm(width), layers.linear(width, vocabulary, 7)
    texts = torch.tensor([(i * i + 3 * i) % vocabulary for i in range(batch * (tokens + 1))]).view(batch, tokens + 1)

    def loss():
        logits = head(last(block(F.embedding(texts[:, :-1], embedding) + positions)))
        return F.cross_entropy(logits.flatten(0, 1), texts[:, 1:].flatten())

    return train(loss, layers.parameters, {"embedding": embedding, "positions": positions, "head": head_weight})


result = {"torch": torch.__version__, "unet": unet(), "resnet": resnet(), "vit": vit(), "transformer": transformer()}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
