"""Real brain volumes as a release, and what NumPy and Pillow make of them.

python extraction.py FOLDER
    writes FOLDER/release in the layout of BraTS20, FOLDER/reference/<patient>_<z>.png and <patient>_<z>_mask.png of every slice that counts,
    FOLDER/prepared/<patient>_<z>.bin (what RASALoRE's published loader hands to the network: 128x128 bytes of the image, 256x256 of the mask)
    and prints how many slices of each kind every patient has.
"""
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image

MARGIN, AREA = 15, 200  # RASALoRE: DATA/Data_Extraction.py


def package(name):
    return Path(find_spec(name).submodule_search_locations[0])  # nothing is imported


def volumes():
    """The MNI 152 template: the mean of 152 people's brains, as nilearn brings it; once as bytes, once as 16-bit numbers with a slope and a shift."""
    path = package("nilearn") / "datasets" / "data" / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
    image = nibabel.load(path)
    yield "BraTS20_Training_001", image
    stored = np.asarray(image.dataobj).astype(np.int16)[:, ::-1, 20:120] * 7 - 300
    other = nibabel.Nifti1Image(stored, image.affine)
    other.header.set_slope_inter(0.37, 3)
    yield "BraTS20_Training_002", other


def lesion(shape):
    """A drawn ellipsoid, for no template has a tumour; the volumes are what is real here."""
    grid = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    centre, axes = [0.35 * shape[0], 0.45 * shape[1], 0.5 * shape[2]], [17, 14, 22]
    return (sum(((g - c) / a) ** 2 for g, c, a in zip(grid, centre, axes)) <= 1).astype(np.uint8) * 4


def prepared(u8, mask):
    """Modules/Data_Preprocessing.py: gamma 2, crop (its last row and column are lost), Pillow's bilinear resize."""
    dark = (np.power(u8.astype(np.float32) / 255.0, 2) * 255).astype(np.uint8)
    rows, columns = np.where(dark.any(1))[0], np.where(dark.any(0))[0]
    if len(rows) < 64 or len(columns) < 64:
        return None
    cut = np.s_[rows[0] : rows[-1], columns[0] : columns[-1]]
    image = Image.fromarray(dark[cut]).resize((128, 128), Image.BILINEAR)
    truth = Image.fromarray(mask[cut]).resize((256, 256), Image.BILINEAR)
    return np.asarray(image).tobytes() + (np.asarray(truth) > 127.5).astype(np.uint8).tobytes()


folder = Path(sys.argv[1])
for name in ("reference", "prepared"):
    (folder / name).mkdir()
found = {}
for patient, image in volumes():
    own = folder / "release" / patient
    own.mkdir(parents=True)
    nibabel.save(image, own / f"{patient}_t2.nii")
    seg = lesion(image.shape)
    nibabel.save(nibabel.Nifti1Image(seg, image.affine), own / f"{patient}_seg.nii")
    scan = nibabel.load(own / f"{patient}_t2.nii").get_fdata()
    counts = found[patient] = {"healthy": 0, "unhealthy": 0, "ambiguous": 0}
    for z in range(MARGIN, scan.shape[2] - MARGIN):
        v = scan[:, :, z]
        u8 = ((v - v.min()) / (v.max() - v.min() + 1e-8) * 255).astype(np.uint8)
        mask = (seg[:, :, z] > 0).astype(np.uint8) * 255
        area = np.count_nonzero(mask)
        kind = "unhealthy" if area > AREA else "healthy" if area == 0 else "ambiguous"
        counts[kind] += 1
        if kind == "ambiguous":
            continue
        Image.fromarray(u8).save(folder / "reference" / f"{patient}_{z}.png")
        Image.fromarray(mask).save(folder / "reference" / f"{patient}_{z}_mask.png")
        ready = prepared(u8, mask) if z % 8 == 0 else None
        if ready is not None:
            (folder / "prepared" / f"{patient}_{z}.bin").write_bytes(ready)
print(json.dumps(found))
