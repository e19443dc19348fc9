"""Datasets and their pictures: created, labeled by two tabs, listed, changed and deleted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.backend.services.datasets.requests import BOX, add, change, create, fill, picture, read, upload


def test_a_dataset_counts_its_pictures_by_class(client: TestClient) -> None:
    dataset = create(client, classes=["pear"])
    fill(client, dataset, ["apple", "pear", "apple", None])

    shown = read(client, dataset)

    assert (shown["kind"], shown["pictures"], shown["labeled"]) == ("classes", 4, 3)
    assert [(each["name"], each["pictures"]) for each in shown["classes"]] == [("pear", 1), ("apple", 2)]
    assert (shown["newest_version"], shown["is_changed"], shown["job_id"]) == (None, True, None)
    assert len(shown["preview"]) == 4
    assert client.get(shown["preview"][0]).status_code == 200
    assert client.get("/v1/datasets?name=MEAD&kind=classes").json()["items"] == [shown]
    assert client.get("/v1/datasets?kind=boxes").json()["items"] == []


def test_objects_are_counted_and_found_by_label(client: TestClient) -> None:
    dataset = create(client)
    labeled = {"objects": [BOX, BOX, {**BOX, "label": "horse"}]}
    first, second = add(
        client,
        dataset,
        {"upload_id": upload(client, picture(1)), "annotation": labeled, "name": "one.png"},
        {"upload_id": upload(client, picture(2)), "annotation": {"objects": []}},
    )

    shown = read(client, dataset)

    assert (shown["kind"], shown["labeled"]) == ("boxes", 2)
    assert shown["classes"] == [
        {"name": "cow", "pictures": 1, "objects": 2},
        {"name": "horse", "pictures": 1, "objects": 1},
    ]
    found = read(client, dataset, "/pictures?label=horse")["items"]
    assert [each["id"] for each in found] == [first["id"]]
    assert found[0]["annotation"]["objects"][0]["box"] == [1, 2, 11, 12]
    assert read(client, dataset, "/pictures?label=goat")["items"] == []
    assert second["annotation"] == {"label": None, "objects": []}


def test_adding_an_upload_again_changes_nothing(client: TestClient) -> None:
    dataset = create(client)
    upload_id, other = upload(client, picture(1)), upload(client, picture(2))
    (first,) = add(client, dataset, {"upload_id": upload_id})
    again, new = add(
        client, dataset, {"upload_id": upload_id, "annotation": {"label": "x"}}, {"upload_id": other}
    )

    assert again == first
    assert (new["name"], new["position"]) == ("a (2).png", 1)


def test_two_tabs_cannot_overwrite_each_other(client: TestClient) -> None:
    dataset = create(client, kind="classes")
    (shown,) = fill(client, dataset, [None])

    first = change(client, dataset, shown, annotation={"label": "apple"})
    second = change(client, dataset, shown, annotation={"label": "pear"})

    assert (first.status_code, first.json()["revision"]) == (200, 2)
    assert second.status_code == 409
    assert second.json()["current"] == first.json()
    assert change(client, dataset, {**shown, "revision": 2**64}, annotation=None).status_code == 422
    assert [each["name"] for each in read(client, dataset)["classes"]] == ["apple"]
    assert change(client, dataset, first.json(), annotation=None).json()["annotation"] is None


def test_pictures_added_at_the_same_time_get_places_and_names_of_their_own(
    client: TestClient,
) -> None:
    dataset = create(client)
    ids = [upload(client, picture(number)) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda upload_id: add(client, dataset, {"upload_id": upload_id}), ids + ids[:4]))

    shown = read(client, dataset, "/pictures")["items"]

    assert sorted(each["upload_id"] for each in shown) == sorted(ids)
    assert [each["position"] for each in shown] == list(range(12))
    assert len({each["name"] for each in shown}) == 12


def test_the_next_unlabeled_picture_is_found(client: TestClient) -> None:
    dataset = create(client)
    shown = fill(client, dataset, ["a", None, "a", None])

    after = read(client, dataset, "/pictures/next?labeled=false")
    last = read(client, dataset, f"/pictures/next?labeled=false&after={after['position']}")

    assert [after["id"], last["id"]] == [shown[1]["id"], shown[3]["id"]]
    assert read(client, dataset, f"/pictures/next?labeled=false&after={last['position']}")["status"] == 404


def test_pages_of_pictures_follow_their_order(client: TestClient) -> None:
    dataset = create(client)
    shown = fill(client, dataset, ["a"] * 5)
    first = read(client, dataset, "/pictures?limit=3")
    rest = read(client, dataset, f"/pictures?limit=3&cursor={first['next_cursor']}")

    assert [*first["items"], *rest["items"]] == shown
    assert rest["next_cursor"] is None


def test_a_class_is_renamed_merged_and_kept_while_it_is_used(client: TestClient) -> None:
    dataset = create(client)
    (cow,) = add(client, dataset, {"upload_id": upload(client, picture(1)), "annotation": {"objects": [BOX]}})
    address = f"/v1/datasets/{dataset['id']}"

    refused = client.patch(address, json={"classes": ["horse"]})
    assert (refused.status_code, "'cow': 1." in refused.json()["detail"]) == (409, True)
    renamed = client.patch(
        address, json={"rename_class": {"from": "cow", "to": "horse"}, "classes": ["goat", "horse"]}
    )

    assert [each["name"] for each in renamed.json()["classes"]] == ["goat", "horse"]
    current = read(client, dataset, f"/pictures/{cow['id']}")
    assert current["annotation"]["objects"][0]["label"] == "horse"
    assert change(client, dataset, cow, annotation={"objects": [BOX]}).status_code == 409
    absent = client.patch(address, json={"rename_class": {"from": "cow", "to": "x"}})
    assert (absent.status_code, absent.json()["errors"][0]["pointer"]) == (422, "/rename_class/from")


def masked(height: int, width: int, counts: Any) -> dict[str, Any]:
    return {"objects": [{**BOX, "mask": {"size": [height, width], "counts": counts}}]}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("box outside", {"objects": [{**BOX, "box": [0, 0, 42, 10]}]}, "/objects/0/box"),
    ("box without area", {"objects": [BOX, {**BOX, "box": [5, 5, 5, 9]}]}, "/objects/1/box"),
    ("box with NaN", {"objects": [{**BOX, "box": [0, 0, "nan", 9]}]}, "/objects/0/box/2"),
    ("label too long", {"objects": [{**BOX, "label": "x" * 101}]}, "/objects/0/label"),
    ("label invisible", {"label": "\u200e "}, "/label"),
    ("odd polygon", {"objects": [{**BOX, "polygons": [[1, 1, 5, 5, 9, 1, 3]]}]}, "/objects/0/polygons/0"),
    ("polygon outside", {"objects": [{**BOX, "polygons": [[1, 1, 5, 99, 9, 1]]}]}, "/objects/0/polygons/0"),
    ("many corners", {"objects": [{**BOX, "polygons": [[1.0] * 20_002]}]}, "/objects/0/polygons"),
    ("many objects", {"objects": [BOX] * 2_001}, "/objects"),
    ("mask of another size", masked(40, 30, [1200]), "/objects/0/mask/size"),
    ("short mask", masked(30, 40, [1199]), "/objects/0/mask/counts"),
    ("broken mask", masked(30, 40, "ÿ0"), "/objects/0/mask/counts"),
    ("unknown field", {"objects": [{**BOX, "colour": "red"}]}, "/objects/0/colour"),
]  # fmt: skip


def test_annotations_that_do_not_fit_are_refused_at_their_place(client: TestClient) -> None:
    dataset = create(client)
    (shown,) = fill(client, dataset, [None])
    for name, annotation, pointer in WRONG:
        answer = change(client, dataset, shown, annotation=annotation)

        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"] == f"/annotation{pointer}", name
    assert read(client, dataset, f"/pictures/{shown['id']}") == shown
    assert read(client, dataset)["classes"] == []


def test_rounding_beyond_the_edge_is_cut_off(client: TestClient) -> None:
    dataset = create(client)
    (shown,) = fill(client, dataset, [None])
    mask = {"size": [30, 40], "counts": "0`U1"}  # 0 zeros, 1200 ones
    annotation = {"objects": [{**BOX, "box": [-0.4, 0, 40.9, 30.2]}, {**BOX, "mask": mask}]}

    answer = change(client, dataset, shown, annotation=annotation)

    assert answer.status_code == 200, answer.text
    assert answer.json()["annotation"]["objects"][0]["box"] == [0, 0, 40, 30]
    assert read(client, dataset)["kind"] == "masks"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/name"),
        ({"name": "\u202e"}, 422, "/name"),
        ({"name": "a", "classes": ["x", "x"]}, 422, "/classes"),
        ({"name": "a", "kind": "cubes"}, 422, "/kind"),
        ({"name": "a", "kind": "table"}, 422, "/upload_id"),
        ({"name": "a", "upload_id": "00000000-0000-4000-8000-000000000000"}, 404, "/upload_id"),
    ],
)
def test_datasets_that_cannot_be_are_refused(
    client: TestClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    answer = client.post("/v1/datasets", json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert client.get("/v1/datasets").json()["items"] == []


def test_only_pictures_join_a_dataset(client: TestClient) -> None:
    dataset = create(client)
    address = f"/v1/datasets/{dataset['id']}/pictures"
    table = upload(client, b"a,b\n1,2\n", "a.csv")

    of_table = client.post(address, json={"pictures": [{"upload_id": table}]})
    unknown = client.post(address, json={"pictures": [{"upload_id": dataset["id"]}]})

    assert (of_table.status_code, of_table.json()["errors"][0]["pointer"]) == (415, "/pictures/0/upload_id")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (404, "/pictures/0/upload_id")
    assert client.post(address, json={"pictures": []}).status_code == 422
    assert client.post(address, json={"pictures": [{"upload_id": table}] * 501}).status_code == 422
    assert (
        client.post(
            address, content=b" " * 4_000_001, headers={"content-type": "application/json"}
        ).status_code
        == 413
    )


def test_a_deleted_dataset_takes_along_what_was_sent_for_it(client: TestClient) -> None:
    dataset = create(client)
    own = client.post("/v1/uploads?listed=false", files={"file": ("frame.png", picture(1))}).json()["id"]
    other = upload(client, picture(2))
    add(client, dataset, {"upload_id": own}, {"upload_id": other})

    assert [each["id"] for each in client.get("/v1/uploads").json()["items"]] == [other]
    held = client.delete(f"/v1/uploads/{other}")
    assert (held.status_code, "'Meadow'" in held.json()["detail"]) == (409, True)
    assert client.delete(f"/v1/datasets/{dataset['id']}").status_code == 204

    assert client.get(f"/v1/datasets/{dataset['id']}").status_code == 404
    assert client.get(f"/v1/uploads/{own}/content").status_code == 404
    assert client.get(f"/v1/uploads/{other}/content").status_code == 200
    assert client.delete(f"/v1/uploads/{other}").status_code == 204


def test_a_removed_picture_leaves_the_dataset_only(client: TestClient) -> None:
    dataset = create(client)
    first, second = fill(client, dataset, ["a", "b"])

    assert client.delete(f"/v1/datasets/{dataset['id']}/pictures/{first['id']}").status_code == 204

    assert read(client, dataset)["pictures"] == 1
    assert client.get(first["url"]).status_code == 200
    (third,) = add(client, dataset, {"upload_id": first["upload_id"]})
    assert third["position"] > second["position"]


@pytest.mark.parametrize(
    "address",
    [
        "/v1/datasets/{id}/versions/99999999999999999999",
        "/v1/datasets/{id}/versions/0/export",
        "/v1/models/nanodet-g/card?version=99999999999999999999",
    ],
)
def test_versions_beyond_the_database_are_refused(client: TestClient, address: str) -> None:
    assert client.get(address.format(id=create(client)["id"])).status_code == 422


def test_some_pictures_are_left_to_train_from(client: TestClient) -> None:
    dataset = create(client)
    fill(client, dataset, ["a"])
    shares = {"validation_share": 0.9, "test_share": 0.9}

    answer = client.post(f"/v1/datasets/{dataset['id']}/versions", json=shares)

    assert (answer.status_code, "90% together" in answer.json()["detail"]) == (422, True), answer.text
