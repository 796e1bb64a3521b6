"""Writes astra_model.json: a small ASTRA model in PyTorch with weights any language can rebuild; forward, loss, gradients, Adam."""
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from networks.resnet import Block
from torch_tools import numbers

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
BLOCKS, WIDTHS, CLIPS, PATCHES, ATTRIBUTES, EMBEDDING, HIDDEN = [1, 2, 1, 1], [4, 8, 8, 16], 4, 4, 2, 6, 5


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTHS[0], 7, 2, 3, bias=False), nn.BatchNorm2d(WIDTHS[0])
        inputs = WIDTHS[0]
        for stage, (blocks, width) in enumerate(zip(BLOCKS, WIDTHS)):
            layers = []
            for i in range(blocks):
                layers.append(Block(inputs, width, 2 if stage > 0 and i == 0 else 1))
                inputs = width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_net = nn.Sequential(nn.Linear(EMBEDDING, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
        self.attr_bias = nn.Linear(ATTRIBUTES, 1)

    def forward(self, e, a):
        scores = self.attn_net(e) + self.attr_bias(a).unsqueeze(1)
        alpha = torch.softmax(scores, 1)
        return (alpha * e).sum(1), alpha.squeeze(-1)


class Astra(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.backbone = Backbone()
        self.projector = nn.Sequential(nn.Linear(WIDTHS[3], 10), nn.ReLU(), nn.Linear(10, EMBEDDING))
        self.attn_pool = Pool()
        self.attr_mlp = nn.Sequential(nn.Linear(ATTRIBUTES, 3), nn.ReLU(), nn.Linear(3, EMBEDDING))

    def forward(self, patches, a):
        e = self.projector(self.encoder.backbone(patches)).reshape(CLIPS, PATCHES, EMBEDDING)
        pooled, alpha = self.attn_pool(e, a)
        return torch.cat([pooled, self.attr_mlp(a)], 1), alpha


def nt_xent(z1, z2, temperature):
    z = torch.cat([F.normalize(z1), F.normalize(z2)])
    s = z @ z.T / temperature
    s = s.masked_fill(torch.eye(len(z), dtype=torch.bool), -9e15)
    n = len(z1)
    return F.cross_entropy(s, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


def fill(model):
    state = model.state_dict()
    for name, tensor in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        values = torch.tensor(numbers(name, tensor.numel())).reshape(tensor.shape)
        if tensor.dim() > 1:
            values = values / np.sqrt(tensor[0].numel())
        elif name.endswith("running_var") or (".bn" in name or "downsample.1" in name) and name.endswith("weight"):
            values = 1 + 0.3 * values
        else:
            values = 0.2 * values
        state[name] = values
    model.load_state_dict(state)


model = Astra()
fill(model)
view = lambda name: torch.tensor(numbers(name, CLIPS * PATCHES * 3 * 32 * 32)).reshape(CLIPS * PATCHES, 3, 32, 32)
one, two = view("view one"), view("view two")
attributes = torch.tensor(numbers("attributes", CLIPS * ATTRIBUTES)).reshape(CLIPS, ATTRIBUTES)

model.eval()
evaluated, alpha = model(one, attributes)
out = {"made_with": f"PyTorch {torch.__version__}", "eval": {"fused": evaluated.tolist(), "attention": alpha.tolist()}, "steps": []}
model.train()
adam = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(3):
    adam.zero_grad()
    loss = nt_xent(model(one, attributes)[0], model(two, attributes)[0], 0.1)
    loss.backward()
    gradients = {n: [float(p.grad.norm()), float(p.grad.flatten()[-1])] for n, p in model.named_parameters()} if step == 0 else None
    adam.step()
    out["steps"].append({"loss": float(loss), **({"gradients": gradients} if gradients else {})})
state = model.state_dict()
out["after"] = {n: [float(t.sum()), float(t.norm())] for n, t in state.items() if not n.endswith("num_batches_tracked")}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
