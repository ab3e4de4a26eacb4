WITH "t1" AS (
  SELECT
    *
  FROM "contracts" AS "t0"
  WHERE
    "t0"."contract_status" <> 'cancelled'
)
SELECT
  "t8"."place_adcode",
  "t8"."signed_year",
  "t8"."signed_month",
  CAST(SUM("t8"."contract_count") AS DECIMAL(38, 0)) AS "contract_count",
  CAST(SUM("t8"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
  CAST(SUM("t8"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
FROM (
  SELECT
    CASE
      WHEN "t7"."place_adcode" IN ('530100', '530102', '530111', '532300', '532302', '532331')
      THEN '530000'
      ELSE "t7"."place_adcode"
    END AS "place_adcode",
    "t7"."signed_year",
    "t7"."signed_month",
    "t7"."contract_count",
    "t7"."contract_value_fen",
    "t7"."technology_value_fen"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t3"."seller_adcode" AS "place_adcode",
        "t3"."signed_year",
        "t3"."signed_month",
        "t3"."contract_count",
        "t3"."contract_value_fen",
        "t3"."technology_value_fen"
      FROM (
        SELECT
          "t2"."seller_adcode",
          "t2"."signed_year",
          "t2"."signed_month",
          COUNT(*) AS "contract_count",
          SUM("t2"."contract_value_fen") AS "contract_value_fen",
          SUM("t2"."technology_value_fen") AS "technology_value_fen"
        FROM "t1" AS "t2"
        GROUP BY
          1,
          2,
          3
      ) AS "t3"
    ) AS "t5"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t4"."buyer_adcode" AS "place_adcode",
        "t4"."signed_year",
        "t4"."signed_month",
        "t4"."contract_count",
        "t4"."contract_value_fen",
        "t4"."technology_value_fen"
      FROM (
        SELECT
          "t2"."buyer_adcode",
          "t2"."signed_year",
          "t2"."signed_month",
          COUNT(*) AS "contract_count",
          SUM("t2"."contract_value_fen") AS "contract_value_fen",
          SUM("t2"."technology_value_fen") AS "technology_value_fen"
        FROM "t1" AS "t2"
        GROUP BY
          1,
          2,
          3
      ) AS "t4"
    ) AS "t6"
  ) AS "t7"
) AS "t8"
GROUP BY
  1,
  2,
  3
