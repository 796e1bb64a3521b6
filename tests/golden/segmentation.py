"""Golden values of src/metrics/segmentation from SciPy, MedPy and surface-distance. Writes segmentation.json beside itself."""
import base64
import importlib.metadata
import json
import pathlib

import numpy
import scipy
from scipy import ndimage
from skimage import morphology

# surface-distance 0.1 asks for names that newer NumPy and SciPy dropped.
numpy.Inf = numpy.inf
ndimage.filters = ndimage.morphology = ndimage
import surface_distance  # noqa: E402
from medpy.metric import binary  # noqa: E402


def blobs(random, shape, sigma, level):
    smooth = ndimage.gaussian_filter(random.normal(size=shape), sigma)
    return smooth > numpy.quantile(smooth, level)


def pack(mask):
    return base64.b64encode(numpy.packbits(mask.ravel())).decode()


def directed_percentiles(prediction, truth, spacing):
    """MONAI's compute_hausdorff_distance(percentile=95): erosion edges, SciPy distances, the larger directed quantile."""
    edges = [mask ^ ndimage.binary_erosion(mask) for mask in (prediction, truth)]
    to_truth = ndimage.distance_transform_edt(~edges[1], sampling=spacing)[edges[0]]
    to_prediction = ndimage.distance_transform_edt(~edges[0], sampling=spacing)[edges[1]]
    return {
        "hd95": max(numpy.percentile(to_truth, 95), numpy.percentile(to_prediction, 95)),
    }


def case(name, prediction, truth, spacing):
    surfaces = surface_distance.compute_surface_distances(truth, prediction, spacing)
    return {
        "name": name,
        "shape": prediction.shape,
        "spacing": spacing,
        "prediction": pack(prediction),
        "truth": pack(truth),
        "medpy": {
            "dc": binary.dc(prediction, truth),
            "jc": binary.jc(prediction, truth),
            "hd": binary.hd(prediction, truth, spacing),
            "hd95": binary.hd95(prediction, truth, spacing),
            "assd": binary.assd(prediction, truth, spacing),
            "masd": (binary.asd(prediction, truth, spacing) + binary.asd(truth, prediction, spacing)) / 2,
            "ravd": binary.ravd(prediction, truth),
        },
        "directed": directed_percentiles(prediction, truth, spacing),
        "surfaceDistance": {
            "hd95": surface_distance.compute_robust_hausdorff(surfaces, 95),
            "average": surface_distance.compute_average_surface_distance(surfaces),
            "nsd": {str(t): surface_distance.compute_surface_dice_at_tolerance(surfaces, t) for t in (0, 0.5, 1, 2, 3.7)},
        },
    }


def centre_lines(name, prediction, truth):
    """clDice as the paper's code computes it (cldice_metric/cldice.py), with scikit-image's skeletons."""
    lines = [morphology.skeletonize(mask) for mask in (prediction, truth)]
    precision, sensitivity = (lines[0] & truth).sum() / lines[0].sum(), (lines[1] & prediction).sum() / lines[1].sum()
    return {"name": name, "shape": prediction.shape, "prediction": pack(prediction), "truth": pack(truth),
            "skeleton": pack(lines[0]), "cldice": 2 * precision * sensitivity / (precision + sensitivity)}


def boundary_iou(prediction, truth, width):
    """Boundary IoU as the paper's code computes it: erosions with a box, the image framed by background."""
    box = numpy.ones((3,) * prediction.ndim)
    p, t = (mask & ~ndimage.binary_erosion(mask, box, width) for mask in (prediction, truth))
    return {"width": width, "value": (p & t).sum() / (p | t).sum()}


random = numpy.random.default_rng(3)
solid, overlapping = blobs(random, (9, 14, 11), 2, 0.7), blobs(random, (9, 14, 11), 2, 0.7)
noise, other_noise = random.random((6, 7, 8)) < 0.4, random.random((6, 7, 8)) < 0.4
image, other_image = blobs(random, (30, 41), 3, 0.6), blobs(random, (30, 41), 3, 0.6)
speckle, other_speckle = random.random((17, 13)) < 0.5, random.random((17, 13)) < 0.5
far, corner = numpy.zeros((12, 10, 15), bool), numpy.zeros((12, 10, 15), bool)
far[0:2, 0:2, 0:3] = True
corner[10:12, 7:10, 13:15] = True
one, full = numpy.zeros((5, 6, 7), bool), numpy.ones((5, 6, 7), bool)
one[2, 3, 3] = True
a, b = numpy.zeros((8, 8), bool), numpy.zeros((8, 8), bool)
a[1:4, 1:4] = True
b[1:4, 2:6] = True
features = random.random((7, 9, 11)) < 0.02
plane = random.random((13, 12)) < 0.03
tube = blobs(random, (40, 44), 2.5, 0.75)
thick = blobs(random, (14, 20, 18), 2, 0.7)
islands, other_islands = blobs(random, (25, 30), 1.2, 0.8), blobs(random, (25, 30), 1.2, 0.8)
golden = {
    "centreLines": [
        centre_lines("image", tube, numpy.roll(tube, 1, 0)),
        centre_lines("image with holes", ~blobs(random, (30, 30), 1, 0.9), blobs(random, (30, 30), 1, 0.3)),
        centre_lines("volume", thick, numpy.roll(thick, 1, 2)),
        centre_lines("volume with holes", ~blobs(random, (10, 11, 12), 0.7, 0.9), blobs(random, (10, 11, 12), 0.7, 0.2)),
    ],
    "boundaries": [
        {"prediction": pack(p), "truth": pack(t), "shape": p.shape, **boundary_iou(p, t, width)}
        for p, t in [(image, other_image), (solid, overlapping)] for width in (1, 2, 4)
    ],
    "components": [{"mask": pack(m), "shape": m.shape, "full": int(ndimage.label(m, numpy.ones((3,) * m.ndim))[1]), "faces": int(ndimage.label(m)[1])}
                   for m in (islands, noise, speckle)],
    "versions": {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "MedPy", "surface-distance", "scikit-image")},
    "cases": [
        case("smooth blobs, anisotropic", solid, overlapping, (3.0, 0.7, 1.1)),
        case("noise: every corner configuration", noise, other_noise, (1.0, 1.5, 2.5)),
        case("an image", image, other_image, (0.8, 1.3)),
        case("speckle in an image", speckle, other_speckle, (1.0, 1.0)),
        case("far apart, touching the border", far, corner, (2.0, 1.0, 1.0)),
        case("one voxel against everything", one, full, (1.0, 1.0, 1.0)),
        case("two squares", a, b, (1.0, 1.0)),
        case("the same twice", solid, solid, (1.0, 2.0, 3.0)),
    ],
    "distances": [
        {"shape": mask.shape, "spacing": spacing, "mask": pack(mask),
         "result": ndimage.distance_transform_edt(~mask, sampling=spacing).ravel().round(12).tolist()}
        for mask, spacing in [(features, (2.5, 1.0, 0.6)), (plane, (1.0, 3.0))]
    ],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, default=float) + "\n")
