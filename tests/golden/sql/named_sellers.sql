SELECT
  COUNT(DISTINCT "t1"."seller_name") AS "party_count",
  COUNT(*) AS "contract_count",
  CAST(SUM("t1"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen"
FROM (
  SELECT
    *
  FROM "contracts" AS "t0"
  WHERE
    "t0"."contract_status" <> 'cancelled'
    AND "t0"."seller_name" IS NOT NULL
    AND "t0"."seller_name" <> '个人'
) AS "t1"
