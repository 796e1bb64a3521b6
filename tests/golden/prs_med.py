"""Writes prs_med.json: PRS-Med's vision side in PyTorch – a tiny TinyViT, the fusion and mask head, the unused deconvolution head, the structure loss.

Python 3 with torch. Written after the published modules (tiny_vit_sam.py, mask_decoder_v5.py, loss.py); weights are numbers any language can make again.
"""
import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import torch
from torch.nn import functional as F

from networks.prs_med import MaskDecoder
from networks.tiny_vit import TinyViT
from torch_tools import nhwc, numbers, some, tensor

torch.set_default_dtype(torch.float64)


def fill(model):
    with torch.no_grad():
        for name, p in itertools.chain(model.named_parameters(), model.named_buffers()):
            if p.dim() == 0 or not p.is_floating_point():
                continue
            values = torch.tensor(numbers(name, p.numel()).reshape(p.shape))
            centre = 1 if name.endswith("running_var") or (p.dim() == 1 and name.endswith("weight")) else 0
            p.copy_(values * (0.5 if p.dim() > 1 else 0.2) + centre)


def structure(logits, y, window, intended):
    weit = 1 + 5 * torch.abs(F.avg_pool2d(y, window, 1, window // 2) - y)
    if intended:
        bce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
        bce = ((weit * bce).sum((2, 3)) / weit.sum((2, 3))).mean()
    else:
        bce = F.binary_cross_entropy_with_logits(logits, y)
    p = torch.sigmoid(logits)
    inter, union = (p * y * weit).sum((2, 3)), ((p + y) * weit).sum((2, 3))
    return bce + (1 - (inter + 1) / (union - inter + 1)).mean()


out = {"torch": torch.__version__}
vit = TinyViT(SimpleNamespace(stem=4, widths=[8, 12, 16], depths=[1, 2, 1], heads=[1, 2, 4], windows=[1, 3, 2], strides=[2, 1], channels=16, classes=0))
fill(vit)
images, weigh = nhwc("images", 2, 40, 40, 3), nhwc("weigh", 2, 5, 5, 16)
for mode in ["eval", "train"]:
    vit.train(mode == "train")
    features = vit(images)
    out[f"vit_{mode}"] = some(features.permute(0, 2, 3, 1))
out["vit_running_mean"] = some(vit.layers[1].blocks[0].local_conv.bn.running_mean)
loss = (features * weigh).mean()
loss.backward()
named = dict(vit.named_parameters())
chosen = ["patch_embed.seq.0.c.weight", "layers.0.blocks.0.conv2.c.weight", "layers.0.downsample.conv2.c.weight", "layers.1.blocks.0.attn.attention_biases", "layers.1.blocks.1.attn.qkv.weight", "layers.2.blocks.0.local_conv.bn.weight"]
out["vit_loss"], out["vit_gradients"] = float(loss), {name: some(named[name].grad) for name in chosen}

head = MaskDecoder(10, 12, 16, 4, 2, 20, 4)
fill(head)
f, p = nhwc("map", 2, 5, 5, 16).requires_grad_(), tensor("prompt", 2, 7, 10)
logits, shares = head(f, p)
out["head"] = some(logits.permute(0, 2, 3, 1))
pad = torch.tensor([[False] * 4 + [True] * 3, [False] * 7])
masked, shares = head(f, p, pad)
out["head_masked"], out["head_shares"] = some(masked.permute(0, 2, 3, 1)), some(shares)
(masked * nhwc("out", 2, 20, 20, 1)).mean().backward()
named = dict(head.named_parameters())
out["head_gradients"] = {name: some(named[name].grad) for name in ["prompt_projection.0.weight", "attn.in_proj_weight", "encoder_layer.linear1.weight", "mask_generation.1.conv3.bias"]}
out["paper_head"] = sum(q.numel() for q in MaskDecoder(4096, 512, 256, 8, 16, 512, 16).parameters())

y, x = torch.sigmoid(3 * nhwc("target", 2, 9, 9, 1)), 2 * nhwc("logits", 2, 9, 9, 1)
out["structure"] = {"faithful": float(structure(x, y, 5, False)), "intended": float(structure(x, y, 5, True))}
Path(__file__).with_name("prs_med.json").write_text(json.dumps(out, indent=1) + "\n")
