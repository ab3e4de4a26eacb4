WITH "t1" AS (
  SELECT
    *
  FROM "contracts" AS "t0"
  WHERE
    "t0"."contract_status" <> 'cancelled'
)
SELECT
  "t12"."place_adcode",
  CAST("t12"."output_contract_count" AS DECIMAL(38, 0)) AS "output_contract_count",
  CAST("t12"."output_contract_value_fen" AS DECIMAL(38, 0)) AS "output_contract_value_fen",
  CAST("t12"."absorption_contract_count" AS DECIMAL(38, 0)) AS "absorption_contract_count",
  CAST("t12"."absorption_contract_value_fen" AS DECIMAL(38, 0)) AS "absorption_contract_value_fen",
  CAST("t12"."output_contract_count" - "t12"."absorption_contract_count" AS DECIMAL(38, 0)) AS "net_contract_count",
  CAST("t12"."output_contract_value_fen" - "t12"."absorption_contract_value_fen" AS DECIMAL(38, 0)) AS "net_contract_value_fen"
FROM (
  SELECT
    "t11"."place_adcode",
    SUM("t11"."output_contract_count") AS "output_contract_count",
    SUM("t11"."output_contract_value_fen") AS "output_contract_value_fen",
    SUM("t11"."absorption_contract_count") AS "absorption_contract_count",
    SUM("t11"."absorption_contract_value_fen") AS "absorption_contract_value_fen"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t7"."place_adcode",
        "t7"."contract_count" AS "output_contract_count",
        "t7"."contract_value_fen" AS "output_contract_value_fen",
        CAST(0 AS DECIMAL(38, 0)) AS "absorption_contract_count",
        CAST(0 AS DECIMAL(38, 0)) AS "absorption_contract_value_fen"
      FROM (
        SELECT
          "t5"."place_adcode",
          CAST(SUM("t5"."contract_count") AS DECIMAL(38, 0)) AS "contract_count",
          CAST(SUM("t5"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
          CAST(SUM("t5"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
        FROM (
          SELECT
            CASE
              WHEN "t3"."seller_adcode" IN ('530102', '530111')
              THEN '530100'
              WHEN "t3"."seller_adcode" IN ('532302', '532331')
              THEN '532300'
              ELSE "t3"."seller_adcode"
            END AS "place_adcode",
            "t3"."contract_count",
            "t3"."contract_value_fen",
            "t3"."technology_value_fen"
          FROM (
            SELECT
              "t2"."seller_adcode",
              COUNT(*) AS "contract_count",
              SUM("t2"."contract_value_fen") AS "contract_value_fen",
              SUM("t2"."technology_value_fen") AS "technology_value_fen"
            FROM "t1" AS "t2"
            GROUP BY
              1
          ) AS "t3"
        ) AS "t5"
        GROUP BY
          1
      ) AS "t7"
    ) AS "t9"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t8"."place_adcode",
        CAST(0 AS DECIMAL(38, 0)) AS "output_contract_count",
        CAST(0 AS DECIMAL(38, 0)) AS "output_contract_value_fen",
        "t8"."contract_count" AS "absorption_contract_count",
        "t8"."contract_value_fen" AS "absorption_contract_value_fen"
      FROM (
        SELECT
          "t6"."place_adcode",
          CAST(SUM("t6"."contract_count") AS DECIMAL(38, 0)) AS "contract_count",
          CAST(SUM("t6"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
          CAST(SUM("t6"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
        FROM (
          SELECT
            CASE
              WHEN "t4"."buyer_adcode" IN ('530102', '530111')
              THEN '530100'
              WHEN "t4"."buyer_adcode" IN ('532302', '532331')
              THEN '532300'
              ELSE "t4"."buyer_adcode"
            END AS "place_adcode",
            "t4"."contract_count",
            "t4"."contract_value_fen",
            "t4"."technology_value_fen"
          FROM (
            SELECT
              "t2"."buyer_adcode",
              COUNT(*) AS "contract_count",
              SUM("t2"."contract_value_fen") AS "contract_value_fen",
              SUM("t2"."technology_value_fen") AS "technology_value_fen"
            FROM "t1" AS "t2"
            GROUP BY
              1
          ) AS "t4"
        ) AS "t6"
        GROUP BY
          1
      ) AS "t8"
    ) AS "t10"
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
