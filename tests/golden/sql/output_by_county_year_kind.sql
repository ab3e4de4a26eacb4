SELECT
  "t2"."seller_adcode" AS "place_adcode",
  "t2"."signed_year",
  "t2"."contract_kind",
  "t2"."contract_count",
  "t2"."contract_value_fen",
  "t2"."technology_value_fen"
FROM (
  SELECT
    "t1"."seller_adcode",
    "t1"."signed_year",
    "t1"."contract_kind",
    CAST(COUNT(*) AS DECIMAL(38, 0)) AS "contract_count",
    CAST(SUM("t1"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
    CAST(SUM("t1"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
  FROM (
    SELECT
      *
    FROM "contracts" AS "t0"
    WHERE
      "t0"."contract_status" <> 'cancelled'
  ) AS "t1"
  GROUP BY
    1,
    2,
    3
) AS "t2"
