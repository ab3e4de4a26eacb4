"""Build the tables of the network: kinds, public nodes, totals, and the demonstration list.

Run ``python -m scripts.build_network`` after ``build_places``.
"""

import pandas as pd

from network_map.nodes.tables import COMPLETE_LISTS
from network_map.terms import Grade, LocationOrigin, NodeStatus, Origin
from scripts.build_common import read_built, read_raw, write_csv
from scripts.demo.nodes import demo_completion

PROVINCE = "530000"
DEMO_SEED = 2024
FOUNDING_DOCUMENT = "云南省科学技术厅对省政协十三届二次会议第708号提案的答复"
ID_PARTS = {
    "provincial_market": "pm",
    "demonstration_county": "dc",
    "county_centre": "cc",
    "related_workstation": "rw",
}
# What the notes of the source say, in Chinese; the key is a node, or the kind for all of a kind.
NODE_NOTES = {
    "pub-pm-530000": "受省科技厅委托运营;所在县(市、区)未公布",
    "demonstration_county": (
        "2018年11月6日批准建设,建设主体为当地政府;名单见于一份转载;"
        "12 个的总数另有来源证实;建成与验收情况未见公开"
    ),
    "pub-dc-530127": (
        "2018年11月6日批准建设,建设主体为县政府;另一来源证实它是该批昆明市唯一入选县,"
        "建设期两年,按“3+4”指标建设;建成与验收情况未见公开"
    ),
    "pub-dc-530103": (
        "第一批;2020年6月前通过省级评估,是当时唯一的优秀;"
        "一份报道称 2018 年首批,另一份意指 2017 年:应为 2017 年或 2018 年初"
    ),
    "pub-dc-530721": (
        "仅一处来源(约 2023 年的一次县内会议报道)称其为首批;不在 2018年11月6日名单中,"
        "故推为首批 11 个之一;请向该县核实"
    ),
    "pub-cc-530127": "2018年1月揭牌(年份由文中提到的批次推得);依托单位和地址未见公开",
    "pub-cc-530103": "2020年6月前已建成;依托单位、设立时间和地址未见公开",
    "related_workstation": (
        "云南省科学技术院 2019 年以来的工作站网络;不是 10 个分市场之一,不计入三级网络"
    ),
}
BATCHES = {"first": "第一批", "second (2018-11)": "第二批(2018-11)"}
# A second report, which confirms the round of 2018-11-06 and its total.
CONFIRMATION = "https://yn.cnipai.com/news/detail/210489.html"
# The sources that say a node stands; for the others building was approved and no more is known.
BUILT = {"pub-pm-530000", "pub-dc-530103", "pub-cc-530127", "pub-cc-530103"}

TOTAL_COLUMNS = {
    "provincial_market": "provincial_market",
    "prefecture_submarkets": "sub_market",
    "demonstration_counties": "demonstration_county",
    "county_centres": "county_centre",
}
TOTAL_NOTES = {
    "2018-04": "《云南日报》转载;支持建设的示范县 11 个,经编办批准的中心 31 个",
    "2018-11-06": "11+12 推算:本次又批准 12 个;不是公布的总数",
    "2020-03-27": "省级新闻发布会",
    "2024-06-11": "答复文件;此后未见更新的总数",
}


def public_nodes() -> pd.DataFrame:
    """Return the nodes that a public source names, and only what it says of them."""
    raw = read_raw("network_nodes.csv").rename(
        columns={"tier": "kind", "official_name": "node_name"}
    )
    ids = "pub-" + raw["kind"].map(ID_PARTS) + "-" + raw["adcode"]
    is_document = raw["evidence_url"].str.startswith(FOUNDING_DOCUMENT)
    is_first_round_of_panlong = ids == "pub-dc-530103"
    is_market = raw["kind"] == "provincial_market"
    confirmed = raw["note"].str.contains(CONFIRMATION, regex=False)
    confirmed = confirmed.map({True: f" ; {CONFIRMATION}", False: ""})
    established = raw["established"].where(raw["established"] != "2019 or later")
    table = raw.assign(
        node_id=ids,
        prefecture_adcode=(raw["adcode"].str[:4] + "00").mask(is_market),
        status=ids.isin(BUILT).map({True: NodeStatus.BUILT.value, False: NodeStatus.UNKNOWN.value}),
        batch=raw["batch"].map(BATCHES),
        node_type=raw["type"],
        established_on=established,
        evaluated_on=pd.Series("2020", index=raw.index).where(is_first_round_of_panlong),
        evaluation_result=pd.Series("优秀", index=raw.index).where(is_first_round_of_panlong),
        host_name=pd.Series("云南省高校知识产权管理服务有限公司", index=raw.index).where(is_market),
        origin=is_document.map({True: Origin.OFFICIAL.value, False: Origin.REPORTED.value}),
        source=raw["evidence_url"] + confirmed,
        source_on=raw["evidence_date"].str.removesuffix(" (derived)"),
        grade=raw["confidence"],
        note=ids.map(NODE_NOTES).fillna(raw["kind"].map(NODE_NOTES)),
    )
    return placed(table)


def placed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes with the seat point of their county or prefecture."""
    seats = read_built("divisions").set_index("adcode")["seat_adcode"]
    points = read_built("county_seats").set_index("adcode")[["lon", "lat"]]
    at = points.loc[table["adcode"].map(seats)].set_index(table.index)
    is_market = table["adcode"] == PROVINCE
    location = pd.Series(LocationOrigin.COUNTY_SEAT.value, index=table.index)
    location = location.mask(
        table["adcode"].str.endswith("00"), LocationOrigin.PREFECTURE_SEAT.value
    ).mask(is_market, LocationOrigin.UNKNOWN.value)
    return table.assign(
        lon=at["lon"].mask(is_market), lat=at["lat"].mask(is_market), location_origin=location
    )


def declared_totals() -> pd.DataFrame:
    """Return the published totals, one row for each date and kind."""
    raw = read_raw("network_counts.csv").rename(
        columns={"source_url": "source", "source_date": "source_on", "confidence": "grade"}
    )
    long = raw.melt(
        id_vars=["as_of", "source", "source_on", "grade"],
        value_vars=list(TOTAL_COLUMNS),
        var_name="kind",
        value_name="written",
    ).dropna(subset=["written"])
    is_derived = long["written"].str.contains("derived")
    order = long["kind"].map({kind: rank for rank, kind in enumerate(TOTAL_COLUMNS)})
    is_document = long["source"].str.startswith(FOUNDING_DOCUMENT)
    return long.assign(
        order=order,
        kind=long["kind"].map(TOTAL_COLUMNS),
        adcode=PROVINCE,
        declared_count=long["written"].str.extract(r"(\d+)(?: \(derived\))?$")[0],
        origin=is_document.map({True: Origin.OFFICIAL.value, False: Origin.REPORTED.value}),
        grade=long["grade"].mask(is_derived, Grade.C.value),
        note=long["as_of"].map(TOTAL_NOTES),
    ).sort_values(["as_of", "order"], ignore_index=True)


def demo_complete_lists(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of the demonstration: every list is complete at the latest total."""
    latest = totals[totals["as_of"] == totals["as_of"].max()]
    claims: pd.DataFrame = latest[["kind", "adcode", "as_of"]].assign(
        source=f"演示数据假定,随机种子 {DEMO_SEED}",
        note="演示名单按假定完整处理,不是名单所有者的声明",
    )
    return claims


def main() -> None:
    """Write the tables of the network."""
    kinds = write_csv("node_kinds", read_raw("node_kinds.csv"))
    nodes = write_csv("public_nodes", public_nodes())
    totals = write_csv("declared_totals", declared_totals())
    # Only the owner of a list may declare it complete: none is shipped.
    write_csv("complete_lists", pd.DataFrame(columns=COMPLETE_LISTS.names))
    # The demonstration is one finished completion, so its own lists are complete by assumption.
    write_csv("demo_complete_lists", demo_complete_lists(totals))
    demo = demo_completion(
        nodes, read_built("divisions"), read_built("county_seats"), totals, kinds, seed=DEMO_SEED
    )
    write_csv("demo_nodes", demo)


if __name__ == "__main__":
    main()
