"""Screenshots of every page at 390, 1280 and 1920 px, light and dark, into build/shots: `make shots`, then look at them."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.driving import CHARTS, LABS, browser, film_settled, surface_settled, visit
from tests.servers import running

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = {
    "home": "",
    **{lab: lab for lab in LABS},
    "diamond_overlay_budget": "diamond_and_circle?dc_overlay=true&dc_axis=budget&dc_budget=1.6",
    "diamond_data": "diamond_and_circle?dc_data=diabetes+data&dc_contours=loss+%2B+penalty&dc_lam=0.2",
    "diamond_elastic_log": "diamond_and_circle?dc_penalty=Elastic+net&dc_spacing=logarithmic&dc_condition=200&dc_tilt=60&dc_lam=0.3",
    "step_by_step_elastic": "step_by_step?st_elastic=true&st_steps=24&st_lam=0.5&st_at_zero=proximal&st_step=9&st_plot=what+the+penalty+took",
    "step_by_step_overshoots": "step_by_step?st_rate=1.5&st_lam=1&st_convention=lab&st_gradient1=0&st_gradient2=0&st_steps=24&st_step=20",
    "step_by_step_alone": "step_by_step?st_story=alone&st_step=230",
    "step_by_step_zero": "step_by_step?st_story=zero&st_step=34",
    "race_middle": "optimizer_race?rc_step=60&rc_lam=2&rc_nesterov=true&rc_adamw=true&rc_fista=true",
    "race_zeros": "optimizer_race?rc_surface=rotated_ravine&rc_penalty=l1&rc_treatment=proximal&rc_step=40&rc_lam=3&rc_focus=fista",
    "race_noise": "optimizer_race?rc_surface=rugged_bowl&rc_start1=-2.2&rc_start2=-1.6&rc_noise=1.5&rc_crowd=true&rc_mode=same&rc_rate=0.0501",
    "smoothing_basins": "smoothing_and_curvature?sm_surface=two_basins&sm_lam=0.3",
    "smoothing_saddle": "smoothing_and_curvature?sm_surface=saddle&sm_point1=0&sm_point2=0&sm_lam=0.4",
    "smoothing_l1": "smoothing_and_curvature?sm_surface=six_hump_camel&sm_penalty=l1&sm_treatment=proximal&sm_lam=1",
    "shrinkage_ridge": "shrinkage_paths?sh_penalty=Ridge&sh_r=0.5",
    "shrinkage_cells": "shrinkage_paths?sh_data=Breast+cancer&sh_penalty=Elastic+net&sh_r=1",
    "shrinkage_wide": "shrinkage_paths?sh_data=Synthetic&sh_rows=30&sh_columns=60&sh_twin_scaled=false&sh_r=0.998",
    "shrinkage_copy": "shrinkage_paths?sh_flaw=a+copy&sh_lam=0.001",
    "adam_box": "adam_and_adamw?aw_step=2000&aw_circle=true",
    "adam_noise": "adam_and_adamw?aw_noise=8&aw_steps=4000&aw_step=4000&aw_lam=0.02",
    "adam_no_data": "adam_and_adamw?aw_surface=none&aw_steps=500&aw_step=20",
    "adam_data": "adam_and_adamw?aw_surface=diabetes&aw_lam=0.5&aw_step=200",
    "adam_diverged": "adam_and_adamw?aw_sgd_rate=1&aw_adam_rate=10&aw_lam=0.3&aw_step=300&aw_judge=train",
    "training_race": "training?tn_axis=rule&tn_data=circles&tn_noise=0.2&tn_lr=0.0316&tn_lam=0.001&tn_epochs=200&tn_epoch=200&tn_member=5",
    "training_digits": "training?tn_data=digits&tn_split=0.2&tn_batch=64&tn_epochs=100&tn_axis=dropout&tn_epoch=100&tn_member=5",
    "training_zeros": "training?tn_penalty=l1&tn_data=circles&tn_noise=0.2&tn_points=200&tn_epoch=400&tn_member=10",
    "training_diabetes": "training?tn_data=diabetes&tn_epoch=400&tn_member=8",
    "dropout_rows": "dropout?do_masks=row&do_p=0.6&do_batch=12",
    "dropout_forward": "dropout?do_stage=2&do_rows=1&do_unit=7",
    "dropout_layer_gone": "dropout?do_p=0.75&do_batch=6&do_kind=one&do_ensemble=12",
    "dropout_dead": "dropout?do_scale=0&do_activation=relu&do_width=64&do_judge=val_loss&do_scaled=true",
    "flat_path": "flat_and_sharp_minima?fs_level=12&fs_member=40&fs_kind=the+way+it+came&fs_lam=0.0055&fs_measure=filter-normalised+curvature",
    "flat_hessian": "flat_and_sharp_minima?fs_level=20&fs_member=90&fs_kind=steepest+and+most+negative&fs_lam=0&fs_factor=7.08&fs_biases=true",
    "priors_elastic": "priors_and_map?pr_prior=elastic_net&pr_scale=0.6&pr_rho=0.7",
    "priors_no_data": "priors_and_map?pr_points=none&pr_scale=1",
    "priors_valley": "priors_and_map?pr_points=1.5,0.9;1.5,1.6;1.5,1.1;1.5,2&pr_sigma=0.4&pr_scale=1",
    "bias_best": "bias_and_variance?bv_lam=0.075&bv_place=0.9",
    "bias_wild": "bias_and_variance?bv_design=drawn&bv_points=20&bv_size=9&bv_focus=5",
    "bias_features": "bias_and_variance?bv_points=14&bv_noise=0.1&bv_basis=features&bv_axis=at&bv_at=13",
    "bias_line": "bias_and_variance?bv_truth=parabola&bv_points=20&bv_noise=0.2&bv_axis=at&bv_at=1",
    "bias_interpolates": "bias_and_variance?bv_points=10&bv_noise=0.2&bv_basis=monomials&bv_size=20",
    "claims_norm": "claims_on_trial?cl_claim=23&cl_topic=Batch+norm",
    "claims_other_seeds": "claims_on_trial?cl_claim=40&cl_draw=set+2",
    "cheat_network": "cheat_sheet?cs_model=Small+network&cs_optimizer=AdamW&cs_samples=thousands",
    "cheat_wide": "cheat_sheet?cs_features=many+more&cs_relevant=a+few&cs_selection=true&cs_correlation=in+groups&cs_convention=LogisticRegression",
    "cheat_images": "cheat_sheet?cs_model=Convolutional+network&cs_optimizer=Adam&cs_batch_norm=true&cs_dropping=keep&cs_rate=0.8",
    "class_no_such_room": "class_room?lab_room=BCDFGH",
    "diamond_bad_link": "diamond_and_circle?dc_tilt=steep&dc_colour=red",
}


def main(only: str = "") -> None:
    """Take every screenshot, full height; ``only`` keeps those whose name contains it."""
    folder = ROOT / "build" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    with running() as url, browser() as chromium:
        for width in (390, 1280, 1920):
            for scheme in ("light", "dark"):
                context = chromium.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                for name, place in PLACES.items():
                    if only and only not in f"{name}-{width}-{scheme}":
                        continue
                    lab = place.partition("?")[0]
                    visit(page, f"{url}/{place}", CHARTS.get(lab, 0))
                    film_settled(page)
                    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                    page.set_viewport_size({"width": width, "height": min(max(height + 40, 700), 8000)})
                    page.wait_for_timeout(1200)
                    surface_settled(page)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                    page.set_viewport_size({"width": width, "height": 1000})
                context.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
