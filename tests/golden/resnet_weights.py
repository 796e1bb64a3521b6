"""A narrow twin of torchvision's ResNet-18 with seeded weights, saved as torchvision publishes them, and what it computes. Writes resnet_weights.json.

    apt-get install python3-torch     # 1.13.0, as requirements.txt says
    /usr/bin/python3 resnet_weights.py
"""
import base64
import io
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(11)
BLOCKS, WIDTHS, PICTURES, SIDE = [2, 2, 2, 2], [2, 3, 4, 5], 2, 32


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        changes = stride != 1 or inputs != outputs
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)) if changes else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTHS[0], 7, 2, 3, bias=False), nn.BatchNorm2d(WIDTHS[0])
        for at, (count, width) in enumerate(zip(BLOCKS, WIDTHS)):
            before = WIDTHS[max(0, at - 1)]
            blocks = [Block(before if i == 0 else width, width, 2 if at > 0 and i == 0 else 1) for i in range(count)]
            setattr(self, f"layer{at + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(WIDTHS[3], 7)

    def forward(self, x):
        y = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for at in range(4):
            y = getattr(self, f"layer{at + 1}")(y)
        return y.mean((2, 3))


model = ResNet().eval()
for module in model.modules():
    if isinstance(module, nn.BatchNorm2d):  # as after training: statistics that are not 0 and 1
        module.running_mean.uniform_(-0.5, 0.5)
        module.running_var.uniform_(0.5, 2)
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.uniform_(module.bias, -0.2, 0.5)
# Pictures that any language can rebuild.
pixels = torch.sin(torch.arange(PICTURES * 3 * SIDE * SIDE, dtype=torch.float64) * 0.37).float().reshape(PICTURES, 3, SIDE, SIDE)
saved = io.BytesIO()
torch.save(model.state_dict(), saved, _use_new_zipfile_serialization=False)  # as resnet34-333f7ec4.pth
with torch.no_grad():
    features = model.double()(pixels.double())
out = {
    "torch": torch.__version__,
    "blocks": BLOCKS,
    "widths": WIDTHS,
    "pictures": [PICTURES, 3, SIDE, SIDE],
    "file": base64.b64encode(saved.getvalue()).decode(),
    "features": features.tolist(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
