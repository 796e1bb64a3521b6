"""Twenty Adam steps of a small U-Net and a small vision transformer, in float32 and from weights that a formula gives.

Makes training_nets.json for src/engine/cases/pytorch-nets.cases.ts. PyTorch 1.13.0 (Debian python3-torch).
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


def train(loss, parameters, shown):
    optimizer = torch.optim.Adam(parameters, 1e-3, eps=1e-7)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        value = loss()
        losses.append(value.item())
        value.backward()
        optimizer.step()
    return {"losses": losses, "weights": {name: weight.detach().flatten()[:32].tolist() for name, weight in shown.items()}}


def unet():
    parameters = []

    def keep(tensor):
        parameters.append(torch.nn.Parameter(tensor))
        return parameters[-1]

    def weight(shape_hwio, seed):
        return keep(numbers(shape_hwio, seed, math.sqrt(4 / math.prod(shape_hwio[:-1]))))

    oihw = lambda w: w.permute(3, 2, 0, 1)
    filters = [weight(shape, i + 1) for i, shape in enumerate([(3, 3, 1, 16), (3, 3, 16, 16), (3, 3, 16, 32), (3, 3, 32, 16)])]
    rise = weight((2, 2, 16, 32), 5)  # as TensorFlow keeps a transposed convolution: [height, width, out, in]
    head = weight((1, 1, 16, 1), 6)
    norms = [(keep(torch.ones(c)), keep(torch.zeros(c))) for c in (16, 16, 32, 16)]
    x = numbers((8, 16, 16, 1), 7, 1.0).permute(0, 3, 1, 2).contiguous()
    mask = (numbers((8, 16, 16, 1), 8, 1.0) > 0).float().permute(0, 3, 1, 2)

    def block(z, i):
        return F.relu(F.batch_norm(F.conv2d(z, oihw(filters[i]), padding=1), None, None, *norms[i], True, 0.1, 1e-5))

    def loss():
        skip = block(block(x, 0), 1)
        low = block(F.max_pool2d(skip, 2), 2)
        wide = F.conv_transpose2d(low, rise.permute(3, 2, 0, 1), stride=2)
        logits = F.conv2d(block(torch.cat([skip, wide], 1), 3), oihw(head))
        return F.binary_cross_entropy_with_logits(logits, mask)

    return train(loss, parameters, {"first": filters[0], "rise": rise, "head": head})


def transformer():
    tokens, width, heads = 16, 32, 4
    parameters = []

    def keep(tensor):
        parameters.append(torch.nn.Parameter(tensor))
        return parameters[-1]

    def linear(from_, to, seed):
        w, b = keep(numbers((from_, to), seed, math.sqrt(4 / from_))), keep(torch.zeros(to))
        return w, lambda z: z @ w + b

    def norm():
        gain, shift = keep(torch.ones(width)), keep(torch.zeros(width))
        return lambda z: F.layer_norm(z, (width,), gain, shift, 1e-5)

    embed_weight, embed = linear(12, width, 1)
    positions = keep(numbers((tokens, width), 2, 0.1))
    before, (_, qkv), (_, out) = norm(), linear(width, 3 * width, 3), linear(width, width, 4)
    after, (_, up), (_, down) = norm(), linear(width, 4 * width, 5), linear(4 * width, width, 6)
    last, (head_weight, head) = norm(), linear(width, 4, 7)
    x, y = numbers((4, tokens, 12), 8, 1.0), numbers((4, 4), 9, 1.0)

    def loss():
        z = embed(x) + positions
        q, k, v = (part.view(4, tokens, heads, -1).transpose(1, 2) for part in qkv(before(z)).chunk(3, 2))
        weights = (q @ k.transpose(2, 3) / math.sqrt(width // heads)).softmax(-1)
        z = z + out((weights @ v).transpose(1, 2).reshape(4, tokens, width))
        z = z + down(F.gelu(up(after(z))))
        return F.mse_loss(head(last(z).mean(1)), y)

    return train(loss, parameters, {"embed": embed_weight, "positions": positions, "head": head_weight})


result = {"torch": torch.__version__, "unet": unet(), "transformer": transformer()}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
