"""A register and its payments, from the file to the workspace, in a real browser."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from benchmarks.servers import Server
from network_map.contracts.register.versions import current_contracts
from tests.browser.conftest import Visit
from tests.browser.steps import opened
from tests.contracts.stored_register import read_tables

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=alert(1)>"
REGISTER = (
    "技术合同登记情况\n"
    f"合同登记编号,项目名称,合同类型,合同额,技术交易额,签订日期,卖方所在地,联系电话,{SCRIPT}\n"
    f"5301002023000001,{SCRIPT},技术开发,1250.5,800,2023-06-01,盘龙区,0,a\n"
    "5301002023000002,矿渣综合利用,技术服务,100,1,2023.6.1,禄丰县,0,b\n"
    "5301002023000003,=HYPERLINK(1),技术服务,10,1,2023-06-02,盘龙区,0,d\n"
    "5301002023000004,三七种植,技术服务,70,7,2023-06-03,大理,0,c\n"
    "合计,,,1430.5,,,,,\n"
).encode("gb18030")
PAID = "合同登记编号,服务机构名称,实收金额(元),到账日期\n5301002023000001,某中心,9.5,2023-08-01\n"


def test_a_register_and_its_payments_become_my_data_only_after_the_word(
    own_server: Server, visit: Callable[..., Visit], own_workspace: Path
) -> None:
    app = opened(visit, f"{own_server.url}/import_contracts")
    expect(app.title).to_have_text("导入合同")
    expect(app.page.get_by_text("合同登记库还是空的")).to_be_visible()
    app.page.get_by_text("下载空白模板").click()
    book = openpyxl.load_workbook(io.BytesIO(app.download("register_template")))
    assert book.worksheets[0].cell(1, 1).value == "合同登记编号"

    app.upload("合同.csv", REGISTER)
    confirm = app.page.get_by_role("button", name="确认写入")
    expect(app.page.get_by_text("金额单位(表头没有写明)")).to_be_visible()
    expect(app.page.get_by_text("亿元:成交额合计 1,430.50 亿元")).to_be_visible()
    expect(confirm).to_be_disabled()
    app.page.get_by_text("万元:成交额合计 1,430.50 万元", exact=True).click()
    expect(app.page.get_by_text("有 2 处需要处理")).to_be_visible()
    # The contract of an open place counts in the sum until it is answered, and after.
    expect(app.page.get_by_text("14,205,000.00 元(1,420,500,000 分)")).to_be_visible()
    expect(confirm).to_be_disabled()
    app.page.get_by_text("跳过 1 行未解决的行").click()
    expect(confirm).to_be_enabled()
    assert not own_workspace.exists()
    confirm.click()
    expect(app.page.get_by_test_id("stAlertContentSuccess")).to_contain_text("新增 3 份")

    app.page.get_by_text("实收金额表", exact=True).click()
    expect(app.page.get_by_text("上传实收金额表")).to_be_visible()
    app.upload("实收.csv", PAID.encode())
    expect(app.page.get_by_text("9.50 元(950 分)")).to_be_visible()
    confirm.click()
    expect(app.page.get_by_test_id("stAlertContentSuccess")).to_contain_text("新增 1 笔")
    snapshot = current_contracts(own_workspace)
    assert snapshot is not None
    tables = read_tables(snapshot)
    assert list(tables.contracts["contract_value_fen"]) == [1_250_500_000, 100_000_000, 70_000_000]
    assert list(tables.contracts["seller_adcode"].dropna()) == ["530103", "532302"]
    assert len(tables.paid_values) == 1
    assert app.visit.external == []
    assert app.visit.errors == []
