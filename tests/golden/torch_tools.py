"""What the PyTorch scripts share: numbers that any language makes again, seeded weights, and what every layer of a network gives."""
import contextlib
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def numbers(name, count):
    """Numbers in [-1, 1) from a tensor's name."""
    state, values = 7, []
    for character in name:
        state = (31 * state + ord(character)) % 2**32
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 * 2 - 1)
    return np.array(values)


def tensor(name, *shape):
    return torch.tensor(numbers(name, math.prod(shape)).reshape(shape), dtype=torch.get_default_dtype())


def nhwc(name, b, h, w, c):
    """Pictures whose numbers lie as Folio keeps them."""
    return tensor(name, b, h, w, c).permute(0, 3, 1, 2)


def channels_last(x):
    return x.movedim(1, -1) if x.dim() == 4 else x


def some(x, count=24):
    flat = x.detach().flatten()
    return [float(v) for v in flat[:: max(1, len(flat) // count)][:count]]


def seeded(model, seed):
    """As after training: every weight, bias, norm and running statistic has a number of its own, and activations keep their size."""
    drawn = torch.Generator().manual_seed(seed)
    uniform = lambda t, low, high: t.copy_(torch.rand(t.shape, generator=drawn) * (high - low) + low)
    with torch.no_grad():
        for name, t in model.state_dict().items():
            if name.endswith("running_var"):
                uniform(t, 0.5, 2)
            elif not t.dtype.is_floating_point:
                continue
            elif t.dim() > 1:
                uniform(t, -1, 1).mul_(1.7 / math.sqrt(max(1, t[0].numel())))
            elif name.endswith("weight"):
                uniform(t, 0.6, 1.4)
            else:
                uniform(t, -0.2, 0.5)
    return model.eval()


@contextlib.contextmanager
def layers(model):
    """Collects what each linear layer and convolution gives before its bias, under its weight's name, pixels before channels."""
    weights = {p.data_ptr(): (name, p.shape) for name, p in model.state_dict().items() if p.dim() > 1}
    seen, batches, hooks = {}, {}, []
    for module in model.modules():
        if isinstance(module, nn.MultiheadAttention):  # works on [N, B, C] inside, whatever it is given
            own_weights = (module.in_proj_weight.data_ptr(), module.out_proj.weight.data_ptr())
            hooks.append(module.register_forward_pre_hook(lambda _, given, own_weights=own_weights: batches.update(dict.fromkeys(own_weights, len(given[0])))))

    def watched(function):
        def call(x, weight, bias=None, *rest, **options):
            y = function(x, weight, None, *rest, **options)
            name, shape = weights.get(weight.data_ptr(), (None, None))
            if name is not None and name not in seen and weight.shape == shape:
                batch = batches.get(weight.data_ptr())
                tokens = y if batch is None else y.reshape(-1, batch, y.shape[-1]).transpose(0, 1)
                seen[name] = (tokens if function is linear else y.movedim(1, -1)).detach()
            return y if bias is None else y + bias.view(-1, *[1] * (x.dim() - 2 if function is not linear else 0))

        return call

    linear = F.linear
    own = {name: getattr(F, name) for name in ("linear", "conv1d", "conv2d", "conv_transpose2d")}
    for name, function in own.items():
        setattr(F, name, watched(function))
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
        for name, function in own.items():
            setattr(F, name, function)


class Named(nn.Module):
    """A place for modules of their own names."""


class LayerNorm2d(nn.Module):
    """Layer norm over the channels of every pixel."""

    def __init__(self, c, eps=1e-6):
        super().__init__()
        self.weight, self.bias, self.eps = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c)), eps

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * ((x - mean) / torch.sqrt(variance + self.eps)) + self.bias[:, None, None]
