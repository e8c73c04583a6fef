"""Sentences to calibrate with, written for Glyphbench: everyday lettering, each Chinese and English list of its own.

They are not the texts of any suite, so that what is tuned on them is not tuned on what is scored.
"""

from __future__ import annotations

import regex

ZH = (
    "早市六点开门，豆浆、油条和热包子都已经摆好了。",
    "请把雨伞放进门口的竹筐，别让水滴在木地板上！",
    "河边新栽的柳树发了芽，风一吹，影子就落在水面。",
    "修车铺搬到了邮局对面，电话不变，老师傅还是那位。",
    "谁拿走了我的蓝色水杯？请放回三楼茶水间。",
    "“慢一点，再慢一点。”教练举着秒表轻声说道。",
    "周末的旧书集市：每本五元，三本只收十二元。",
    "屋顶花园今晚关闭；明早八点照常开放。",
    "爷爷种的番茄红了，摘两个洗净，切开撒一点白糖。",
    "注意：前方桥面结冰，车辆请减速，保持距离。",
    "这趟末班车开往北站，中途不停靠体育馆。",
    "陶艺教室招收学员（零基础也可以），材料费另付。",
    "月亮升到塔尖的时候，广场上的乐队刚好唱完。",
    "奶奶的菜谱写着：盐少许，糖半勺，火候全凭心情。",
    "您的包裹已送到丰巢柜，取件码请查看短信。",
    "博物馆夜场开放，凭学生证可免费参观青铜展厅。",
    "山路十八弯，弯弯都有人家；炊烟升起，狗在叫。",
    "理发店的镜子前，孩子紧张地问：“会不会疼？”",
    "秋天的第一杯桂花酿，送给所有准时回家的人。",
    "图书馆三层靠窗的位子，总是坐满了考研的学生。",
    "台风将于今夜登陆，请关好门窗，尽量不要外出。",
    "码头工人喝完姜汤，又把最后一箱橘子搬上货船。",
    "《海边的邮差》：一部关于等待与告别的长篇小说。",
    "暴雨过后，操场变成了湖，足球漂到了球门边上。",
    "请勿向窗外投掷物品，楼下有人经过，谢谢配合。",
    "茶凉了可以再续，话说重了，就很难收回来。",
    "新鲜草莓，现摘现卖；先尝后买，不甜不要钱！",
    "程序员把闹钟调到凌晨四点，只为看一场流星雨。",
    "校门口的煎饼摊换了老板，味道却一点也没有变。",
    "本楼电梯正在检修，请走东侧楼梯，给您添麻烦了。",
    "雪落在瓦片上没有声音，猫却在屋里竖起了耳朵。",
    "飞机延误两小时，候机厅里有人弹起了吉他。",
)

EN = (
    "The bakery opens at six; warm rolls, rye bread and coffee are ready.",
    "Leave your umbrella by the door, please, and mind the wet floor!",
    "Young willows by the river bend whenever the wind comes up the valley.",
    "Our bicycle shop has moved across the street from the post office.",
    "Who took my blue cup? Please bring it back to the kitchen upstairs.",
    "“Slower, a little slower,” said the coach, and raised her stopwatch.",
    "Old book market this weekend: one dollar each, three for two fifty.",
    "The roof garden is closed tonight; it opens again at eight tomorrow.",
    "Grandfather's tomatoes are ripe, so slice two and add a pinch of salt.",
    "Caution: ice on the bridge ahead, reduce speed and keep your distance.",
    "This is the last bus to North Station, and it skips the stadium.",
    "Pottery class for adults (no experience needed), clay not included.",
    "When the moon reached the tower, the band had just played its last song.",
    "Her recipe says: a little salt, half a spoon of sugar, and patience.",
    "Your parcel is in the locker; check your messages for the pickup code.",
    "Late night at the museum, free entry for students with a valid card.",
    "The mountain road winds past farms, smoke rises, and a dog barks twice.",
    "In front of the barber's mirror the boy asked, “Will it hurt?”",
    "First cider of autumn, for everyone who made it home on time.",
    "By the windows on the third floor sit students who never look up.",
    "A storm is expected tonight, so close the shutters and stay indoors.",
    "The dockers drank their ginger tea and loaded the last crate of oranges.",
    "The Postman by the Sea: a novel about waiting and saying goodbye.",
    "After the rain the field was a lake, and the ball drifted to the goal.",
    "Do not throw anything from the windows, people walk below, thank you.",
    "Cold tea can be poured again, but a harsh word is hard to take back.",
    "Fresh strawberries, picked today: taste first, pay only if they are sweet!",
    "The programmer set an alarm for four to watch a shower of meteors.",
    "The pancake stand at the gate has a new owner and the same old taste.",
    "Elevator under repair, please use the east stairs, sorry for the trouble.",
    "Snow falls on the tiles without a sound, yet the cat pricks up its ears.",
    "The flight is two hours late, and somebody at the gate plays guitar.",
)

TRADITIONAL = (
    "陽明山的櫻花開了",
    "請勿觸摸展覽品",
    "廣東燒臘飯店",
    "歡迎光臨臺灣夜市",
    "電車難題與選擇",
    "藝術學院畢業典禮",
    "龍門客棧今日營業",
    "鐵板牛肉燴飯",
    "圖書館閉館時間",
    "關於夢與現實的邊界",
    "雲海觀景臺由此進",
    "書法練習簿",
    "醫療急診專用車道",
    "懷舊風味綠豆湯",
    "護國寺東街市場",
    "請點選螢幕開始訂購",
    "聽見風從樹間經過",
    "這裡禁止釣魚與戲水",
    "藥師諮詢服務櫃檯",
    "舊金山灣區華語電臺",
    "麵包與鹹蛋黃奶酥",
    "颱風假停止上課",
    "縣立體育場羽毛球館",
    "萬聖節變裝遊行",
)

MIXED = (
    "WiFi密码在收银台",
    "今天也要加油 Keep Going",
    "限时优惠 SALE 三折起",
    "咖啡 Coffee 与书",
    "扫码加入VIP会员",
    "五号线 Line 5 换乘",
    "请勿吸烟 No Smoking",
    "A座12层会议室",
    "夏日音乐节 Summer Live",
    "欢迎来到上海 Welcome",
    "T恤全场买二送一",
    "USB充电请自备线",
    "紧急出口 Exit",
    "AI让写作更轻松",
    "生日快乐 Happy Birthday",
    "手工披萨 Pizza 现烤",
    "KTV包厢晚间营业",
    "登机口 Gate 27",
    "新品上市 New Arrival",
    "请讲普通话 Speak Mandarin",
    "DIY陶艺体验课",
    "地下停车场 P3 入口",
    "Hello 春天",
    "5G信号全覆盖",
)

SHORT_ZH = (
    "井", "酒", "药", "当", "弦", "冰", "西门", "收银", "布行", "公交", "粮油", "消防", "理发店", "洗手间", "会议室",
    "停车场", "有人在家", "小心台阶", "晴天早安", "今日售完",
)  # fmt: skip

SHORT_EN = (
    "BAR", "TAXI", "GATE", "SALE", "MENU", "TICKETS", "Museum", "Bakery", "Pharmacy", "Car Wash", "Push", "Ice Cream",
    "Lost & Found", "City Hall", "Platform", "Closed", "WELCOME", "Hot Soup", "Way Out", "Library",
)  # fmt: skip


def language_of(text: str) -> str:
    """Return `zh` or `en` by the letters of a text, or `mixed` where it has both."""
    has_han, has_latin = regex.search(r"\p{Han}", text), regex.search(r"\p{Latin}", text)
    return "mixed" if has_han and has_latin else "zh" if has_han else "en"


def clauses(sentences: tuple[str, ...], least: int, most: int) -> tuple[str, ...]:
    """Return the pieces between the punctuation of `sentences` that have `least` to `most` characters, each once."""
    pieces = (piece.strip() for sentence in sentences for piece in regex.split(r"[^\p{L}\p{N} ']+", sentence))
    return tuple(dict.fromkeys(piece for piece in pieces if least <= len(piece) <= most))


def paragraphs(sentences: tuple[str, ...], characters: int, count: int, space: str) -> tuple[str, ...]:
    """Return `count` paragraphs of at least `characters` characters: the sentences in turn, each time from another."""
    made = []
    for first in range(count):
        text, number = "", first * 5
        while len(text) < characters:
            text += (space if text else "") + sentences[number % len(sentences)]
            number += 1
        made.append(text)
    return tuple(made)
