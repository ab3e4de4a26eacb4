"""The tables of site selection: chosen sites, counties they reach, the curve, what overturns."""

from network_map.tables import ADCODE, PREFECTURE_NAME, Column, ColumnType, Table

_LISTS = (
    "占可能名单的比例;不是现实中的概率",
    "Share of possible lists; no probability of the real world",
)
_MEAN = ("可能名单的平均", "The mean over the possible lists")
REVERSAL_CAUSES = ("standard", "demand", "register")


def _text(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.TEXT, zh, en, *about)


def _integer(name: str, zh: str, en: str, about: tuple[str, str] = ("", "")) -> Column:
    return Column(name, ColumnType.INTEGER, zh, en, *about, minimum=0)


def _number(
    name: str, zh: str, en: str, about: tuple[str, str] = ("", ""), unit: str = ""
) -> Column:
    return Column(name, ColumnType.NUMBER, zh, en, *about, unit=unit)


_SITE_ADCODE = Column("site_adcode", ColumnType.ADCODE, "新址代码", "Site code", is_required=True)
_SITE_NAME = _text("site_name", "新址", "Site")


def _gains(prefix: str, zh: str, en: str, about: tuple[str, str]) -> tuple[Column, ...]:
    return (
        _number(f"{prefix}_counties", f"{zh}县数", f"{en}, counties", about),
        _number(f"{prefix}_residents", f"{zh}人口", f"{en}, residents", about, "persons"),
        _number(f"{prefix}_value_10k_yuan", f"{zh}吸纳额", f"{en}, contract value", about,
                "ten_thousand_yuan"),
    )  # fmt: skip


SITE_PLAN = Table(
    "site_plan", "选址方案", "Plan of sites",
    (
        _integer("order", "次序", "Order",
                 ("按各处在前面几处之上新增的多少", "By what each adds to those before it")),
        _SITE_ADCODE,
        _SITE_NAME,
        PREFECTURE_NAME,
        *_gains("gained", "新增覆盖", "Newly within",
                ("在前面几处之上;各行相加等于方案的总数",
                 "On top of those before it; the rows add up to the plan")),
        _number("alone_counties", "单独设时的县数", "Counties if built alone", _MEAN),
        _number("last_counties", "缺它少的县数", "Counties lost without it", _MEAN),
        _text("county_names", "新进标准的县", "Counties newly within"),
        _number("lacking_percent", "尚无节点占可能名单", "Lists in which it has none", _LISTS,
                "percent"),
        _number("chosen_percent", "选中率", "Chosen, of the lists",
                ("各可能名单分别求解,入选的占比;不是现实中的概率",
                 "Each possible list solved alone; no probability of the real world"), "percent"),
        _number("robust_percent", "换标准和距离取值仍选中", "Chosen with other settings",
                ("标准乘 0.8、1、1.2,距离取近端、估计、远端,入选的占比",
                 "With 0.8, 1 and 1.2 times the standard, each end of the distances"), "percent"),
        _text("reason", "理由", "Reason"),
        _text("overturn", "什么会推翻它", "What would overturn it"),
        Column("is_proven", ColumnType.BOOLEAN, "方案已证明最优", "Plan proven optimal"),
        Column("rests_on_assumed", ColumnType.BOOLEAN, "依据假定节点", "Rests on assumed nodes"),
    ),
    key=("site_adcode",),
)  # fmt: skip

SITE_COUNTIES = Table(
    "site_counties", "选址影响的县", "Counties that the sites change",
    (
        ADCODE,
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_NAME,
        _integer("residents", "常住人口", "Residents"),
        Column("site_adcode", ColumnType.ADCODE, "新址代码", "Site code"),
        _text("site_name", "由哪处服务", "Served by"),
        _number("km", "距离", "Distance", ("选址所用的距离", "The distance that the model took"),
                "km"),
        _number("gained_percent", "新进标准占可能名单", "Newly within, of the lists", _LISTS,
                "percent"),
        _number("lost_percent", "掉出标准占可能名单", "Dropped out, of the lists", _LISTS,
                "percent"),
    ),
    key=("adcode",),
)  # fmt: skip

SITE_CURVE = Table(
    "site_curve", "个数与覆盖", "Coverage by number of sites",
    (
        _integer("site_count", "新增个数", "New sites"),
        *_gains("best", "最优方案覆盖", "Best plan", _MEAN),
        *_gains("marginal", "再添一处增加", "Added by one more", _MEAN),
        Column("is_proven", ColumnType.BOOLEAN, "已证明最优", "Proven optimal"),
        Column("built_adcode", ColumnType.ADCODE, "逐处建设:下一处", "Built in order: the next"),
        _text("built_name", "逐处建设", "Built in order"),
        *_gains("built", "逐处建设覆盖", "Built in order", _MEAN),
        _number("loss_percent", "逐处建设的损失", "Loss of building in order",
                ("与同样个数的最优方案相比", "Against the best plan of as many sites"), "percent"),
    ),
    key=("site_count",),
)  # fmt: skip

SITE_REVERSALS = Table(
    "site_reversals", "什么会推翻选址", "What would overturn a site",
    (
        _SITE_ADCODE,
        _SITE_NAME,
        Column("was_in", ColumnType.BOOLEAN, "现在入选", "Chosen now"),
        Column("cause", ColumnType.CODE, "什么改变", "What changes", codes=REVERSAL_CAUSES),
        Column("subject_adcode", ColumnType.ADCODE, "哪里", "Where"),
        _text("subject_name", "哪里的名称", "Name of the place"),
        _number("now", "现在", "Now",
                ("标准为公里或分钟,需求为其单位,名单为有节点的占比",
                 "Kilometres or minutes, units of demand, or the share of lists with a node")),
        _number("threshold", "门槛", "Threshold",
                ("越过它入选与否改变", "Beyond it the choice turns")),
        _text("instead", "改变后的方案", "Plan beyond it"),
        _text("sentence", "一句话", "In a sentence"),
    ),
)  # fmt: skip

SITE_COMPARISON = Table(
    "site_comparison", "方案比较", "Comparison of plans",
    (
        ADCODE,
        _text("county_name", "县(市、区)", "County"),
        PREFECTURE_NAME,
        _integer("residents", "常住人口", "Residents"),
        _number("first_percent", "甲:新进标准占可能名单", "A: newly within, of the lists", _LISTS,
                "percent"),
        _number("second_percent", "乙:新进标准占可能名单", "B: newly within, of the lists", _LISTS,
                "percent"),
        Column("side", ColumnType.CODE, "属于", "Of", codes=("both", "first_only", "second_only")),
    ),
    key=("adcode",),
)  # fmt: skip
