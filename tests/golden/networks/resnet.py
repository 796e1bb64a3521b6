"""ResNets of basic blocks under torchvision's names. He et al., 2015."""
from torch import nn
from torch.nn import functional as F


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
    def __init__(self, blocks, widths, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False), nn.BatchNorm2d(widths[0])
        for at, (count, width) in enumerate(zip(blocks, widths)):
            before = widths[max(0, at - 1)]
            stage = [Block(before if i == 0 else width, width, 2 if at > 0 and i == 0 else 1) for i in range(count)]
            setattr(self, f"layer{at + 1}", nn.Sequential(*stage))
        self.fc = nn.Linear(widths[3], classes)

    def forward(self, x):
        """Features, before the classifier."""
        y = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for at in range(4):
            y = getattr(self, f"layer{at + 1}")(y)
        return y.mean((2, 3))
