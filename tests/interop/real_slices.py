# real_slices.py FOLDER: real MR images out of nibabel's own test data, seen by NumPy, SciPy and scikit-image.
# Prints as JSON what the reconstructions of some slices are worth, and writes FOLDER/acdc, a tree as the ACDC challenge
# distributes it, with the bytes that its slices must become in FOLDER/expected.
import json
import sys
from pathlib import Path

import nibabel
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

folder = Path(sys.argv[1])
data = Path(nibabel.__file__).parent / "tests" / "data"


def fft(x):
    return np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(x), norm="ortho"))


def ifft(k):
    return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(k), norm="ortho"))


def slices():
    # An echo-planar series of 128×96 pixels (even sides), and an anatomical volume of 33×41 (odd sides).
    for name, volume, z in (("example4d.nii.gz", 0, 8), ("example4d.nii.gz", 1, 14), ("anatomical.nii", None, 12)):
        voxels = nibabel.load(data / name).get_fdata(dtype=np.float64)
        plane = (voxels if volume is None else voxels[..., volume])[:, :, z]
        yield name, volume, z, (plane - plane.min()) / (plane.max() - plane.min())


def masks(width):
    order = sorted(range(width), key=lambda c: (abs(c - width // 2), c))
    random = np.random.default_rng(0).permutation(width)
    return {"middle": order[: width // 6], "every third": list(range(0, width, 3)), "random": sorted(int(c) for c in random[: width // 4])}


results = []
for name, volume, z, picture in slices():
    picture = picture.T  # row = y, column = x
    kspace = fft(picture)
    each = {"file": str(data / name), "volume": volume, "z": z, "shape": picture.shape, "kspace": [kspace.real.ravel().tolist(), kspace.imag.ravel().tolist()], "masks": []}
    for kind, columns in masks(picture.shape[1]).items():
        mask = np.zeros(picture.shape[1])
        mask[columns] = 1
        seen = np.abs(ifft(kspace * mask))
        extent = picture.max() - picture.min()
        each["masks"].append({
            "kind": kind, "columns": columns, "first row": seen[0].tolist(), "sum": seen.sum(),
            "psnr": peak_signal_noise_ratio(picture, seen, data_range=1),
            "ssim": structural_similarity(picture, seen, data_range=extent),
            "nmse": float(((seen - picture) ** 2).sum() / (picture**2).sum()),
        })
    results.append(each)

# Two patients of the challenge: scaled integers, ES before ED in the second, the cine beside them.
series = nibabel.load(data / "example4d.nii.gz")
voxels = series.get_fdata(dtype=np.float64)[..., 0]
affine = np.diag([1.5, 1.4, 8, 1])
for number, (ed, es) in ((1, (1, 12)), (101, (9, 3))):
    patient = f"patient{number:03d}"
    home = folder / "acdc" / ("training" if number <= 100 else "testing") / patient
    home.mkdir(parents=True)
    (home / "Info.cfg").write_text(f"ED: {ed}\nES: {es}\nGroup: DCM\nHeight: 180.0\nNbFrame: 30\nWeight: 80.0\n")
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 4, 2, 3), np.int16), affine), home / f"{patient}_4d.nii.gz")
    for at, frame in enumerate((ed, es)):
        own = voxels[10 * at : 10 * at + 80, 5 : 85, 8:11]
        label = np.digitize(own, np.quantile(own, (0.5, 0.7, 0.9))).astype(np.uint8)
        image = nibabel.Nifti1Image(own * 0.37 + 12, affine)
        image.set_data_dtype(np.int16)  # nibabel chooses a slope and an intercept
        stem = f"{patient}_frame{frame:02d}"
        nibabel.save(image, home / f"{stem}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(label, affine), home / f"{stem}_gt.nii.gz")
        stored = nibabel.load(home / f"{stem}.nii.gz").get_fdata(dtype=np.float64)
        low, high = np.percentile(stored, (0.5, 99.5))
        scaled = 255 * (np.clip(stored, low, high) - low) / (high - low)
        for kind, values in (("images", scaled), ("labels", label)):
            out = folder / "expected" / patient / kind
            out.mkdir(parents=True, exist_ok=True)
            for z in range(3):
                (out / f"{3 * at + z}.json").write_text(json.dumps(values[:, :, z].T.ravel().tolist()))

print(json.dumps(results))
