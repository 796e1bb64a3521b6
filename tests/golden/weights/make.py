"""Published checkpoints in miniature: every architecture with seeded random weights, saved as the field saves it, and what it computes.
Writes the files beside itself and weights.json, what src/methods/*/published-weights.test.ts proves Folio against.

    apt-get install python3-torch                  # 1.13.0, as ../requirements.txt says
    pip install --target ST --no-deps safetensors  # 0.8.0
    PYTHONPATH=ST /usr/bin/python3 make.py
    FOLIO_TWINS=DIR npm test -- published          # proves Folio on the files that another PyTorch made of a copy of this script

    make.py full TARGET DIR [--onnx]   # one of `full` below at its published size, for `npm run bench -- inference`
"""
import gzip
import json
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1]))

from networks.asmr import ActorCritic
from networks.clip import VIT_B32, Clip
from networks.llava import Llava
from networks.prs_med import MaskDecoder
from networks.rasalore import PUBLISHED, Ddpt, Decoder, Encoder
from networks.resnet import ResNet
from networks.sam import Aespa, Sizes, ViTB
from networks.tiny_vit import TINY_SAM, TinyViT
from networks.unet import UNet, UNetPlusPlus, UNeXt
from torch_tools import channels_last, layers, nhwc, numbers, seeded, some, tensor

HERE = Path(__file__).resolve().parent


def rounded(values):
    return [float(f"{v:.7g}") for v in values]


def recorded(models, run, exact=True):
    """What the layers and the whole compute, from the numbers that were saved; in float64, so that all error is Folio's."""
    models = models if isinstance(models, (list, tuple)) else [models]
    watched = nn.ModuleList(models)
    if exact:
        watched.double()
        torch.set_default_dtype(torch.float64)
    # One model keeps its own names; several have theirs behind their place.
    with layers(models[0] if len(models) == 1 else watched) as seen:
        outputs = run()
    torch.set_default_dtype(torch.float32)
    values = lambda t, count: {"shape": list(t.shape), "values": rounded(some(t, count))}
    return {"layers": {name: values(t, 6) for name, t in seen.items()}, "outputs": {name: values(channels_last(t), 24) for name, t in outputs.items()}}


def sliced(name, b, side, channels=3):
    return nhwc(name, b, side, side, channels)


# --- torchvision, ASTRA
def resnet(blocks, legacy):
    def make(folder, name):
        model = seeded(ResNet(blocks, [3, 4, 5, 6], 7), 11)
        torch.save(model.state_dict(), folder / f"{name}.pth", _use_new_zipfile_serialization=not legacy)
        return recorded(model, lambda: {"features": model(sliced("images", 2, 32))})

    return make


# --- SAM and MedSAM, AESPA
class Small(Sizes):
    S, PATCH, WIDTH, BLOCKS, HEADS, GLOBAL, WINDOW, STORED, C, DHEADS, DMLP, M, L = 24, 4, 8, 2, 2, [1], 4, 5, 16, 2, 12, 3, 4


def sam_outputs(model, side):
    def run():
        features = model.image_encoder(sliced("images", 1, side))
        points = torch.tensor([[[0.3 * side, 0.6 * side]]], dtype=torch.get_default_dtype())
        tokens = model.prompt_encoder(points, torch.tensor([[1]]))
        logits = model.mask_decoder(features, model.prompt_encoder.dense(), tokens, model.prompt_encoder.mask(None))
        return {"features": features, "logits": logits}

    return run


def hugging_face(name):
    """As transformers' convert_sam_to_hf.py renames."""
    for ours, theirs in (
        ("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", "shared_image_embedding.positional_embedding"), ("image_encoder", "vision_encoder"), (".blocks.", ".layers."),
        ("patch_embed.proj", "patch_embed.projection"), ("neck.0", "neck.conv1"), ("neck.1", "neck.layer_norm1"), ("neck.2", "neck.conv2"), ("neck.3", "neck.layer_norm2"),
        (".norm", ".layer_norm"), ("point_embeddings", "point_embed"), ("mask_downscaling.0", "mask_embed.conv1"), ("mask_downscaling.1", "mask_embed.layer_norm1"),
        ("mask_downscaling.3", "mask_embed.conv2"), ("mask_downscaling.4", "mask_embed.layer_norm2"), ("mask_downscaling.6", "mask_embed.conv3"),
        ("output_upscaling.0", "upscale_conv1"), ("output_upscaling.1", "upscale_layer_norm"), ("output_upscaling.3", "upscale_conv2"),
    ):
        name = name.replace(ours, theirs)
    for mlp in ("iou_prediction_head", *(f"output_hypernetworks_mlps.{i}" for i in range(4))):
        for at, there in enumerate(("proj_in", "layers.-", "proj_out")):
            name = name.replace(f"{mlp}.layers.{at}.", f"{mlp}.{there}.")
    return name.replace("layers.-", "layers.0")


def sam(folder, name):
    from safetensors.torch import save_file

    model = seeded(Aespa(Small, "sam"), 12)
    torch.save(model.state_dict(), folder / "medsam_vit_b.pth")
    named = {hugging_face(key): value for key, value in model.state_dict().items()}
    named["prompt_encoder.shared_embedding.positional_embedding"] = named["shared_image_embedding.positional_embedding"].clone()
    save_file(named, folder / "medsam_hf.safetensors", {"format": "pt"})
    return recorded(model, sam_outputs(model, Small.S))


def aespa(folder, name):
    model = seeded(Aespa(Small), 13)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.bfloat16())  # packs to half its size
    mixture = np.array([0.2, 0.5, 0.3])
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)
    extra = {"optimizer": optimizer.state_dict(), "path_helper": {"prefix": "logs_new/LIDC"}, "EM_weights": mixture, "EM_means": mixture * 2, "EM_variances": mixture * 3}
    with gzip.GzipFile(folder / "checkpoint_best.pth.gz", "wb", mtime=0) as file:
        torch.save({"epoch": 3, "model": "sam", "state_dict": model.state_dict(), **extra}, file)

    def run():
        points, c = torch.tensor([[[3.0, 17.0], [20.0, 9.0]]]), torch.tensor(mixture)[None]
        image = sliced("images", 1, Small.S)
        first = model.round(image, points[:, :1], torch.tensor([[1]]), c, None)
        return {"first": first[:, 0], "second": model.round(image, points, torch.tensor([[1, 0]]), c, first)[:, 0]}

    return recorded(model, run)


# --- PRS-Med
TINY_VIT = SimpleNamespace(stem=4, widths=[8, 12, 16], depths=[1, 2, 1], heads=[1, 2, 4], windows=[1, 3, 2], strides=[2, 1], channels=16, classes=5)


def tinysam(folder, name):
    whole = Aespa(Small, "sam")
    whole.image_encoder = TinyViT(TINY_VIT)
    seeded(whole, 14)
    state = whole.state_dict()
    torch.save(state, folder / "tinysam.pth")
    encoder = {key: value for key, value in state.items() if key.startswith("image_encoder.")}
    torch.save({**{f"sam.{key}": value for key, value in encoder.items()}, **encoder}, folder / "prs_med_image_encoder.pth")
    model = whole.image_encoder
    return recorded(model, lambda: {"features": model(sliced("images", 2, 40))})


class Adapter(nn.Module):
    """SAM-Med2D's, of which the encoder without adapters takes nothing."""

    def __init__(self, width):
        super().__init__()
        self.channel = nn.Sequential(nn.Linear(width, width // 4, bias=False), nn.ReLU(), nn.Linear(width // 4, width, bias=False), nn.Sigmoid())
        self.spatial = nn.Sequential(nn.Conv2d(width, width, 3, 2, 1, bias=False), nn.ReLU(), nn.ConvTranspose2d(width, width, 4, 2, 1, bias=False), nn.ReLU())
        self.norm = nn.LayerNorm(width)


def sam_med2d(folder, name):
    model = Aespa(type("Med", (Small,), {"STORED": 6}), "sam")
    for block in model.image_encoder.blocks:
        block.Adapter = Adapter(Small.WIDTH)
    seeded(model, 15)
    torch.save({"model": model.state_dict(), "optimizer": {"state": {}, "param_groups": []}}, folder / "sam-med2d_b.pth")
    return recorded(model.image_encoder, lambda: {"features": model.image_encoder(sliced("images", 1, Small.S))})


def mask_decoder(folder, name):
    model = seeded(MaskDecoder(10, 12, 16, 4, 2, 20, 4), 16)
    torch.save(model.state_dict(), folder / "mask_decoder.pth")
    return recorded(model, lambda: {"logits": model(nhwc("map", 2, 5, 5, 16), tensor("prompt", 2, 7, 10))[0]})


LLAVA = SimpleNamespace(size=16, patch=8, width=8, heads=2, blocks=3, vocabulary=11, lm_width=16, lm_layers=2, lm_heads=4, kv=2, hidden=20, theta=1e6, rank=3)


def llava(folder, name):
    from safetensors.torch import save_file

    model = seeded(Llava(LLAVA), 17).bfloat16()
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "lora_" in key:
                p.copy_(p.float().half().bfloat16())
    adapters = {f"base_model.model.{key}": value.half() for key, value in model.state_dict().items() if "lora_" in key}
    state = {key: value for key, value in model.state_dict().items() if "lora_" not in key}
    place, half = {}, len(state) // 2
    for shard, keys in enumerate((list(state)[:half], list(state)[half:])):
        file = f"model-{shard + 1:05d}-of-00002.safetensors"
        save_file({key: state[key] for key in keys}, folder / "llava_med" / file, {"format": "pt"})
        place |= {key: file for key in keys}
    size = sum(value.numel() * value.element_size() for value in state.values())
    (folder / "llava_med" / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": size}, "weight_map": place}, indent=1) + "\n")
    save_file(adapters, folder / "lora_adapter" / "adapter_model.safetensors", {"format": "pt"})
    config = {"peft_type": "LORA", "r": LLAVA.rank, "lora_alpha": LLAVA.rank, "lora_dropout": 0.05, "bias": "none", "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
    (folder / "lora_adapter" / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n")
    ids = torch.tensor([[1, 4, 7, 2, 9], [1, 8, 8, 5, 6]])

    def run():
        pixels = sliced("pixels", 2, LLAVA.size)
        out = {}
        for kind, scale in (("base", 0), ("lora", 1)):
            out[f"{kind}Hidden"], out[f"{kind}Logits"] = model(pixels, ids, scale)
        return out

    return {**recorded(model, run), "ids": ids.tolist()}


# --- RASALoRE
CLIP = SimpleNamespace(size=16, patch=8, width=8, blocks=2, heads=2, joint=6, context=9, words=13, text_width=6, text_blocks=2, text_heads=3)


class Archive(nn.Module):
    """What OpenAI traced: the model, and three of its sizes as tensors."""

    def __init__(self, model, z):
        super().__init__()
        self.visual, self.transformer, self.token_embedding, self.ln_final = model.visual, model.transformer, model.token_embedding, model.ln_final
        self.positional_embedding, self.text_projection, self.logit_scale = model.positional_embedding, model.text_projection, model.logit_scale
        for key, size in (("input_resolution", z.size), ("context_length", z.context), ("vocab_size", z.words)):
            self.register_buffer(key, torch.tensor(size))

    def forward(self, images, tokens):
        return Clip.forward(self, images, tokens) + 0 * (self.input_resolution + self.context_length + self.vocab_size)

    embedded, text = Clip.embedded, Clip.text


def halved(model):
    """OpenAI's convert_weights: matrices in 16 bits, norms in 32."""
    with torch.no_grad():
        for key, p in model.named_parameters():
            if ".ln_" not in f".{key}" and key != "logit_scale":
                p.data = p.data.half()


def clip_archive(folder, z, seed):
    model = seeded(Clip(z), seed)
    with torch.no_grad():
        for key, p in model.named_parameters():
            if key.endswith(("embedding", "embedding.weight")):
                p.uniform_(-0.5, 0.5, generator=torch.Generator().manual_seed(seed))
            elif key.endswith("proj") or key.endswith("projection"):
                p.mul_(2)
        model.logit_scale.fill_(2.5)
    tokens = torch.zeros(2, z.context, dtype=torch.long)
    tokens[:, 0], tokens[0, 1:4], tokens[1, 1:6] = z.words - 2, torch.tensor([3, 1, z.words - 1]), torch.tensor([2, 4, 7, 5, z.words - 1])
    traced = torch.jit.trace(Archive(model, z).eval(), (sliced("images", 2, z.size).float(), tokens), check_trace=False)
    halved(traced)
    torch.jit.save(traced, str(folder / "ViT-B-32.pt"))
    halved(model)
    return model.float(), tokens


def clip(folder, name):
    model, tokens = clip_archive(folder, CLIP, 18)

    def run():
        images = sliced("images", 2, CLIP.size)
        return {"image": model.visual(images), "text": model.text(tokens), "logits": model(images, tokens)}

    return {**recorded(model, run), "tokens": tokens.tolist()}


def ddpt(folder, name):
    from networks.clip import Clip as Frozen

    model, _ = clip_archive(folder, CLIP, 18)
    prompts = Ddpt(model, SimpleNamespace(text_tokens=3, visual_tokens=2, attention=4, extra_tokens=3))
    tokens = torch.tensor([[11, 1, 1, 1, 5, 2, 12, 0, 0], [11, 1, 1, 1, 6, 7, 2, 12, 0]])
    for at, (place, module) in enumerate(prompts.modules().items()):
        seeded(module, 19 + at).half()
        if place == "prompt_learner":
            prompts.keep_tokens(tokens)
            module.half()
        (folder / "ddpt" / place).mkdir(parents=True, exist_ok=True)
        optimizer = torch.optim.SGD(module.parameters(), 0.01, momentum=0.9)
        torch.save({"state_dict": module.state_dict(), "epoch": 60, "optimizer": optimizer.state_dict(), "scheduler": {"last_epoch": 60}}, folder / "ddpt" / place / "model.pth.tar-60")
        module.double()

    def run():
        texts = prompts.texts()
        features, said = prompts.image(sliced("images", 2, CLIP.size), texts)
        return {"texts": texts, "features": features / features.norm(dim=-1, keepdim=True), "layerLogits": said}

    return {**recorded([model, *prompts.modules().values()], run), "tokens": tokens.tolist()}


RASALORE = SimpleNamespace(size=16, channels=[4, 6, 6, 8], refiner=[4, 6], grid=4, heads=2, hidden=[6, 4], up=[6, 4])


def rasalore(folder, name):
    encoder, decoder = seeded(Encoder(RASALORE), 21), seeded(Decoder(RASALORE), 22)
    torch.save(encoder.state_dict(), folder / "Encoder_Model.pth")
    torch.save(decoder.state_dict(), folder / "Decoder_Model.pth")

    def run():
        images = (nhwc("images", 2, 16, 16, 1) + 1) * 127.5
        activations, points, features = encoder(images, tensor("lore", 1, 16, 8).expand(2, -1, -1))
        return {"activations": activations[..., 0], "points": points, "logits": decoder(points, features)[:, 0]}

    return recorded(Both(encoder, decoder), run)


class Both(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder


# --- ASMR
def segmenter(build, side, wrap):
    def make(folder, name):
        model = seeded(build(), 23)
        torch.save(wrap(model.state_dict()), folder / f"{name}.pth")
        first = lambda y: y[0] if isinstance(y, list) else y
        return recorded(model, lambda: {"logits": first(model(sliced("images", 1, side, 3 if isinstance(model, UNeXt) else 1)))})

    return make


plain = lambda state: state
milesial = lambda state: {**state, "mask_values": [0, 1, 2, 3]}
lightning = lambda state: {"epoch": 7, "global_step": 900, "pytorch-lightning_version": "1.6.0", "state_dict": {f"model.{key}": value for key, value in state.items()}, "lr_schedulers": []}


def policy(folder, name):
    side = 32
    model = seeded(ActorCritic(side, [3, 4, 5, 6]), 24)
    torch.save(model.state_dict(), folder / "best_model.pt")

    def run():
        picture = nhwc("picture", 2, side, side, 1)[:, 0] + 1
        mask = torch.tensor((numbers("mask", side) > 0).astype(float))
        kspace = torch.fft.fftshift(torch.fft.fft2(torch.fft.ifftshift(picture, dim=(-2, -1)), norm="ortho"), dim=(-2, -1)) * mask
        remaining = torch.tensor([5, 5])
        return {"logits": model.pi.logits_net(kspace, remaining), "value": model.v(kspace, remaining)[:, 0]}

    return recorded(model, run)


small = {
    "resnet18": resnet([2, 2, 2, 2], True), "resnet34": resnet([3, 4, 6, 3], False), "sam": sam, "aespa": aespa, "tinysam": tinysam, "sam-med2d": sam_med2d, "mask-decoder": mask_decoder,
    "llava-med": llava, "clip": clip, "ddpt": ddpt, "rasalore": rasalore, "policy": policy,
    "unet": segmenter(lambda: UNet(1, 4, [3, 6, 12], False), 18, milesial), "unet-bilinear": segmenter(lambda: UNet(1, 4, [4, 8, 16], True), 18, plain),
    "unetpp": segmenter(lambda: UNetPlusPlus(1, 4, 2, 4, "instance"), 64, lightning), "unetpp-batch": segmenter(lambda: UNetPlusPlus(1, 4, 2, 4, "batch"), 64, plain),
    "unext": segmenter(lambda: UNeXt(3, 4, [2, 3, 4], [5, 6]), 64, plain),
}


# --- at full size
def full_resnet34(folder):
    model = seeded(ResNet([3, 4, 6, 3], [64, 128, 256, 512], 1000), 11)
    torch.save(model.state_dict(), folder / "resnet34.pth")
    return model, {"features": (model, (sliced("images", 1, 224),))}


def full_sam(folder):
    z = type("Full", (ViTB,), {"S": 1024})
    model = seeded(Aespa(z, "sam"), 12)
    torch.save(model.state_dict(), folder / "medsam_vit_b.pth")
    prompts, side = model.prompt_encoder, z.S
    tokens = prompts(torch.tensor([[[0.3 * side, 0.6 * side]]]), torch.tensor([[1]])).detach()
    prompt = (prompts.dense().detach(), tokens, prompts.mask(None).detach())
    return model, {"features": (model.image_encoder, (sliced("images", 1, side),)), "logits": (model.mask_decoder, ("features", *prompt))}


def full_aespa(folder):
    model = seeded(Aespa(ViTB), 13)
    mixture = np.arange(1, ViTB.M + 1) / np.arange(1, ViTB.M + 1).sum()
    torch.save({"epoch": 0, "model": "sam", "state_dict": model.state_dict(), "EM_weights": mixture}, folder / "checkpoint_best.pth")
    return model, {"logits": (Round(model), (sliced("images", 1, ViTB.S), torch.tensor(mixture).float()[None]))}


class Round(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image, mixture):
        side = ViTB.S
        return self.model.round(image, torch.tensor([[[0.3 * side, 0.6 * side]]]), torch.tensor([[1]]), mixture, None)[:, 0]


def full_clip(folder):
    model, tokens = clip_archive(folder, VIT_B32, 18)
    return model, {"image": (model.visual, (sliced("images", 1, 224),)), "text": (Text(model), (tokens,))}


class Text(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.whole = model

    def forward(self, tokens):
        return self.whole.text(tokens)


def full_tinysam(folder):
    model = nn.Module()
    model.image_encoder = seeded(TinyViT(TINY_SAM), 14)
    torch.save(model.state_dict(), folder / "tinysam_42.3.pth")
    return model.image_encoder, {"features": (model.image_encoder, (sliced("images", 1, 1024),))}


def full_rasalore(folder):
    encoder, decoder = seeded(Encoder(PUBLISHED), 21), seeded(Decoder(PUBLISHED), 22)
    torch.save(encoder.state_dict(), folder / "Encoder_Model.pth")
    torch.save(decoder.state_dict(), folder / "Decoder_Model.pth")
    model = Both(encoder, decoder)
    return model, {"logits": (Segmented(model), ((nhwc("images", 1, 128, 128, 1) + 1) * 127.5, tensor("lore", 1, 1024, 256)))}


class Segmented(nn.Module):
    def __init__(self, both):
        super().__init__()
        self.both = both

    def forward(self, images, lore):
        _, points, features = self.both.encoder(images, lore)
        return self.both.decoder(points, features)[:, 0]


def full_sam_med2d(folder):
    model = Aespa(type("Med", (ViTB,), {"S": 256, "STORED": 16}), "sam")
    for block in model.image_encoder.blocks:
        block.Adapter = Adapter(ViTB.WIDTH)
    seeded(model, 15)
    torch.save({"model": model.state_dict()}, folder / "sam-med2d_b.pth")
    return model.image_encoder, {"features": (model.image_encoder, (sliced("images", 1, 256),))}


def full_mask_decoder(folder):
    model = seeded(MaskDecoder(4096, 512, 256, 8, 16, 512, 16), 16)
    torch.save(model.state_dict(), folder / "mask_decoder.pth")
    return model, {"logits": (Fused(model), (nhwc("map", 1, 64, 64, 256), tensor("prompt", 1, 32, 4096)))}


class Fused(nn.Module):
    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, image, prompt):
        return self.decoder(image, prompt)[0]


def full_segmenter(build, wrap):
    def make(folder):
        model = seeded(build(), 23)
        torch.save(wrap(model.state_dict()), folder / "network.pth")
        return model, {"logits": (Finest(model), (sliced("images", 1, 256, 3 if isinstance(model, UNeXt) else 1),))}

    return make


class Finest(nn.Module):
    """Of several resolutions the first."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        y = self.net(images)
        return y[0] if isinstance(y, list) else y


full = {
    "sam-med2d": full_sam_med2d, "mask-decoder": full_mask_decoder, "unet": full_segmenter(lambda: UNet(1, 4, [64, 128, 256, 512, 1024], False), milesial),
    "unetpp": full_segmenter(lambda: UNetPlusPlus(1, 4, 30, 480, "instance"), lightning), "unext": full_segmenter(lambda: UNeXt(3, 4, [16, 32, 128], [160, 256]), plain),
    "resnet34": full_resnet34, "sam": full_sam, "aespa": full_aespa, "clip": full_clip, "tinysam": full_tinysam, "rasalore": full_rasalore,
}


def at_full_size(name, folder, onnx):
    """Each part of a network once to compare, and again for the clock unless it is slow."""
    torch.set_num_threads(1)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model, parts = full[name](folder)
    made, seconds, outputs, seen = {}, {}, {}, {}
    values = lambda t, count: {"shape": list(t.shape), "values": some(t, count)}
    for part, (module, inputs) in parts.items():
        inputs = tuple(made[x] if isinstance(x, str) else x for x in inputs)
        # Attention's fast path hides its matrices from the watch; it is not taken while gradients are on.
        started, processor = time.perf_counter(), time.process_time()
        with layers(model) as own, torch.set_grad_enabled(name in ("clip", "mask-decoder")):
            made[part] = module(*inputs).detach()
        times, spent = [time.perf_counter() - started], time.process_time() - processor
        seen |= own
        outputs[part] = values(channels_last(made[part]), 24)
        while len(times) < 4 and sum(times) < 10:
            started = time.perf_counter()
            with torch.no_grad():
                processor = time.process_time()
                module(*inputs)
                spent = min(spent, time.process_time() - processor)
            times.append(time.perf_counter() - started)
        seconds[part] = {"wall": min(times), "processor": spent}
        if onnx:
            names = [f"in{i}" for i in range(len(inputs))]
            with torch.set_grad_enabled(name in ("clip", "mask-decoder")):
                torch.onnx.export(module, inputs, str(folder / f"{part}.onnx"), input_names=names, output_names=[part], opset_version=16)
            for key, value in zip(names, inputs):
                np.save(folder / f"{part}.{key}.npy", value.detach().contiguous().numpy())
    expected = {
        "torch": torch.__version__, "parameters": sum(p.numel() for p in model.parameters()), "tensors": len(model.state_dict()), "seconds": seconds,
        "peakGB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "layers": {key: values(t, 6) for key, t in seen.items()}, "outputs": outputs,
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(json.dumps({key: expected[key] for key in ("torch", "parameters", "seconds", "peakGB")}))


def main():
    out = {"torch": torch.__version__}
    for folder in ("llava_med", "lora_adapter"):
        (HERE / folder).mkdir(exist_ok=True)
    for name, make in small.items():
        out[name] = make(HERE, name)
        print(name, len(out[name]["layers"]), "layers", flush=True)
    for file in HERE.rglob("*.safetensors"):
        file.chmod(0o644)
    (HERE / "weights.json").write_text(json.dumps(out, separators=(",", ":")).replace('"},', '"},\n') + "\n")


if sys.argv[1:2] == ["full"]:
    at_full_size(sys.argv[2], sys.argv[3], "--onnx" in sys.argv)
else:
    main()
