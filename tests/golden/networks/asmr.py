"""ASMR's actor and critic: a learned filter in k-space, a ResNet-18 in an nn.Sequential, a small head. ASMR-seg spec §3.2."""
import torch
from torch import nn
from torch.nn import functional as F

from networks.resnet import ResNet


class FftConv(nn.Module):
    def __init__(self, size=5):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, size, size, 2))

    def forward(self, x):  # [B, H, W], complex
        w = torch.view_as_complex(self.weight[0, 0])
        padded = torch.zeros(x.shape[1:], dtype=x.dtype)
        padded[: w.shape[0], : w.shape[1]] = w
        return torch.fft.ifft2(torch.fft.fft2(x) * torch.conj(torch.fft.fft2(padded)))


class Head(nn.Module):
    def __init__(self, side, widths, outputs, features=60, slots=60, hidden=256):
        super().__init__()
        net = ResNet([2, 2, 2, 2], widths, 1)
        self.slots, self.conv_kspace, self.layernorm = slots, FftConv(), nn.LayerNorm([side, side])
        self.backbone = nn.Sequential(net.conv1, net.bn1, nn.ReLU(), nn.MaxPool2d(3, 2, 1), net.layer1, net.layer2, net.layer3, net.layer4, nn.AdaptiveAvgPool2d(1))
        self.trunk = nn.Sequential(nn.Linear(widths[3], features), nn.LayerNorm(features), nn.Tanh())
        self.out_layer = nn.Sequential(nn.Linear(features + slots, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(self, kspace, remaining):
        centred = torch.fft.ifftshift(kspace, dim=(-2, -1))
        picture = torch.fft.fftshift(torch.fft.ifft2(centred, norm="backward"), dim=(-2, -1))
        x = self.layernorm(self.conv_kspace(picture).abs())[:, None].expand(-1, 3, -1, -1)
        x = self.trunk(self.backbone(x).flatten(1))
        return self.out_layer(torch.cat([x, F.one_hot(remaining, self.slots).to(x.dtype)], 1))


class ActorCritic(nn.Module):
    def __init__(self, side, widths):
        super().__init__()
        self.pi = nn.Module()
        self.pi.logits_net, self.v = Head(side, widths, side), Head(side, widths, 1)
