"""審批對象及領域: the topics of the confirmation sheet, in its order.

A code never changes: it is what digests, addresses and imports refer to.
"""

from servicepages.vocabulary import Audience

CITIZEN_TOPICS = (
    ("marriage", "婚姻登记"),
    ("birth-adoption", "生育收养"),
    ("household", "户籍管理"),
    ("education", "教育"),
    ("culture", "文化"),
    ("health", "卫生保健"),
    ("utilities", "公共事业"),
    ("housing", "住房"),
    ("exit-entry", "出入境"),
    ("military-service", "兵役"),
    ("employment", "就业"),
    ("social-security", "社会保障"),
    ("transport", "交通"),
    ("citizen-tax", "纳税"),
    ("funeral", "死亡殡葬"),
)

ENTERPRISE_TOPICS = (
    ("setting-up", "设立变更"),
    ("enterprise-tax", "纳税"),
    ("annual-inspection", "年审年检"),
    ("quality", "质量检查"),
    ("safety", "安全防护"),
    ("commerce", "商务活动"),
    ("foreign-exchange", "对外交流"),
    ("labour", "劳动保障"),
    ("human-resources", "人力资源"),
    ("qualification", "资质认证"),
    ("construction", "建设管理"),
    ("intellectual-property", "知识产权"),
    ("bankruptcy", "破产注销"),
    ("general", "综合其它"),
)

TOPICS = {Audience.CITIZEN: CITIZEN_TOPICS, Audience.ENTERPRISE: ENTERPRISE_TOPICS}


def ensure_topics():
    """Enters the form's topics in the register; rows that are there already are left as they are."""
    from servicepages.models import Topic

    for audience, topics in TOPICS.items():
        for position, (code, name) in enumerate(topics):
            Topic.objects.get_or_create(
                code=code, defaults={"audience": audience, "name": name, "sort_order": position}
            )
