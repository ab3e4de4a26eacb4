SELECT
  "t4"."contract_count",
  CAST("t4"."contract_value_fen" AS DECIMAL(38, 0)) AS "contract_value_fen"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t1"."buyer_name",
      COUNT(*) AS "contract_count",
      SUM("t1"."contract_value_fen") AS "contract_value_fen"
    FROM (
      SELECT
        *
      FROM "contracts" AS "t0"
      WHERE
        "t0"."contract_status" <> 'cancelled'
        AND "t0"."buyer_name" IS NOT NULL
        AND "t0"."buyer_name" <> '个人'
    ) AS "t1"
    GROUP BY
      1
  ) AS "t2"
  ORDER BY
    "t2"."contract_value_fen" DESC,
    "t2"."contract_count" DESC
  LIMIT 3
) AS "t4"
