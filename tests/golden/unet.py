"""Writes unet.json: tiny U-Net, U-Net++ and UNeXt twins in PyTorch with weights any language can rebuild; logits, gradients, running statistics.

Written after ASMR-seg spec §3.1 (PyTorch-UNet, UNet++'s nnU-Net variant, UNeXt), with its weight names.
"""
import json
import math
from pathlib import Path

import torch

from networks.unet import UNet, UNetPlusPlus, UNeXt
from torch_tools import numbers, some, tensor

torch.set_default_dtype(torch.float64)


def golden(model, side, inputs, chosen):
    model.train()
    with torch.no_grad():
        for name, p in model.named_parameters():
            fan = max(1, p[0].numel()) if p.dim() > 1 else 25
            scale = 1.7 / math.sqrt(fan) if p.dim() > 1 else 0.2
            p.copy_(torch.tensor(numbers(name, p.numel()).reshape(p.shape)) * scale + (1 if p.dim() == 1 and name.endswith("weight") else 0))
    x = tensor("x", 2, inputs, side, side)
    out = model(x)
    heads = out if isinstance(out, list) else [out]
    loss = sum((head * tensor(f"weigh{k}", *head.shape)).mean() for k, head in enumerate(heads))
    loss.backward()
    named, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    last = lambda y: y.permute(0, 2, 3, 1)
    result = {"train": [some(last(h)) for h in heads], "loss": float(loss), "gradients": {n: some(named[n].grad) for n in chosen}}
    result["parameters"] = sum(p.numel() for p in named.values())
    result["names"] = sorted(n for n in [*named, *buffers] if not n.endswith("num_batches_tracked"))
    result["running"] = {n: some(b) for n, b in buffers.items() if "running" in n and n in list(buffers)[:2]}
    model.eval()
    again = model(x)
    result["eval"] = [some(last(h)) for h in (again if isinstance(again, list) else [again])]
    return result


up = ["inc.double_conv.0.weight", "down2.maxpool_conv.1.double_conv.3.weight", "up1.conv.double_conv.1.weight", "outc.conv.bias"]
out = {
    "torch": torch.__version__,
    "unet": golden(UNet(1, 4, [4, 8, 16], False), 18, 1, [*up, "up1.up.weight", "up2.up.bias"]),
    "unetBilinear": golden(UNet(1, 4, [4, 8, 16], True), 18, 1, up),
    "unetpp": golden(UNetPlusPlus(1, 4, 2, 8, "instance"), 64, 1, ["conv_blocks_context.1.blocks.0.conv.weight", "conv_blocks_context.5.1.blocks.0.conv.weight", "loc0.4.0.blocks.0.conv.weight", "up1.2.weight", "loc2.1.1.blocks.0.instnorm.weight", "seg_outputs.3.weight"]),
    "unetppBatch": golden(UNetPlusPlus(1, 4, 2, 8, "batch"), 64, 1, ["loc3.0.0.blocks.0.instnorm.bias"]),
    "unext": golden(UNeXt(3, 4, [2, 3, 4], [7, 11]), 64, 3, ["encoder1.weight", "patch_embed3.proj.weight", "block1.0.mlp.fc1.weight", "block2.0.mlp.dwconv.dwconv.weight", "dblock2.0.mlp.fc2.bias", "dnorm4.weight", "decoder5.bias", "final.weight"]),
}
Path(__file__).with_name("unet.json").write_text(json.dumps(out) + "\n")
