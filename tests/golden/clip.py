"""Writes clip.json: a tiny CLIP in PyTorch with weights any language can rebuild (towers, attention of a block, gradients), and
texts as tokens with the part of the published vocabulary that they touch.

python3 tests/golden/clip.py [bpe_simple_vocab_16e6.txt.gz] > tests/golden/clip.json
Written after clip/model.py and clip/simple_tokenizer.py of OpenAI's CLIP.
"""
import gzip
import json
import math
import re
import sys
from types import SimpleNamespace

import torch
from torch import nn

from networks.clip import Clip
from torch_tools import tensor

torch.set_default_dtype(torch.float64)
SIZE = 12
TINY = SimpleNamespace(size=SIZE, patch=4, width=8, blocks=2, heads=2, joint=6, context=7, words=11, text_width=6, text_blocks=2, text_heads=3)


def main():
    model = Clip(TINY)
    for name, p in model.named_parameters():
        scale, shift = (0.5 if p.dim() > 1 else 0.2), (1 if "ln_" in name and "weight" in name else 0)
        p.data = tensor(name, *p.shape) * scale + shift
    images = tensor("images", 2, SIZE, SIZE, 3).permute(0, 3, 1, 2)
    tokens = torch.tensor([[9, 3, 1, 10, 0, 0, 0], [9, 2, 4, 7, 5, 10, 0]])
    image, text = model.visual(images), model.text(tokens)
    tokens_before = model.visual.transformer.resblocks[0](model.visual.embed(images))
    seen = model.visual.transformer.resblocks[1].attend(tokens_before)[1]
    normal = lambda x: x / x.norm(dim=-1, keepdim=True)
    logits = model.logit_scale.exp() * normal(image) @ normal(text).T
    loss = nn.functional.cross_entropy(logits, torch.tensor([0, 1]))
    loss.backward()
    wanted = ["visual.conv1.weight", "visual.transformer.resblocks.0.attn.in_proj_weight", "visual.proj", "token_embedding.weight", "transformer.resblocks.1.mlp.c_fc.weight", "logit_scale"]
    grads = dict(model.named_parameters())
    rounded = lambda t: [round(v, 9) for v in t.detach().reshape(-1).tolist()]
    out = {
        "torch": torch.__version__, "tokens": tokens.tolist(), "image": rounded(image), "text": rounded(text), "loss": loss.item(),
        "seen": rounded(seen), "names": {n: list(p.shape) for n, p in model.named_parameters()},
        "gradients": {n: rounded(grads[n].grad)[:48] for n in wanted},
    }
    if len(sys.argv) > 1:
        out["bpe"] = bpe(sys.argv[1])
    print(json.dumps(out))


def bpe(path):
    """Reference encoder, and every merge that any step of these texts could have taken, by its place in the file."""
    lines = gzip.open(path).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    ranks = {tuple(line.split()): i for i, line in enumerate(lines)}
    bs = [*range(33, 127), *range(161, 173), *range(174, 256)]
    cs = bs + [256 + i for i in range(256 - len(bs))]
    bs = bs + [b for b in range(256) if b not in bs]
    table = dict(zip(bs, map(chr, cs)))
    vocab = list(table.values())
    vocab = vocab + [v + "</w>" for v in vocab] + ["".join(line.split()) for line in lines]
    ids = {v: i for i, v in enumerate(vocab)}
    touched = {}

    def word(w):
        parts = [table[b] for b in w.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:]))
            touched.update({p: ranks[p] for p in pairs if p in ranks})
            best = min(pairs, key=lambda p: ranks.get(p, math.inf))
            if best not in ranks:
                break
            merged, i = [], 0
            while i < len(parts):
                if i + 1 < len(parts) and (parts[i], parts[i + 1]) == best:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            parts = merged
        return [ids[p] for p in parts]

    pattern = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+")
    texts = ["a photo of a Healthy brain.", "a photo of a Unhealthy brain.", "Healthy.", "Unhealthy.", "X", "it's the glioblastoma's 12 mm rim!", "Tumör größe – naïve"]
    out = [{"text": t, "ids": [i for w in pattern.findall(t.strip().lower()) for i in word(w)]} for t in texts]
    return {"texts": out, "merges": [[rank, " ".join(pair)] for pair, rank in sorted(touched.items(), key=lambda x: x[1])]}


main()
